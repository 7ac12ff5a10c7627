// An attacker who need not go through the text encoder: the whole context is learned.
package io.lethe.attack;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.AddPerPosition;
import io.lethe.diffusion.TextContexts;
import io.lethe.tensor.Shape;

/**
 * Every number that the cross-attention reads, {@code [tokens, width]}, one context for all
 * prompts. Stronger than one word: no edit of the text encoder is in the way.
 */
final class LearnedContext implements LearnedEmbedding {
  private final TextContexts contexts;

  /**
   * @param contexts of the attacked model's text encoder
   */
  LearnedContext(TextContexts contexts) {
    this.contexts = contexts;
  }

  @Override
  public Shape shape() {
    return Shape.of(contexts.tokens(), contexts.width());
  }

  @Override
  public Value contexts(Tape tape, Value learned, int[] forms) {
    Shape shape = Shape.of(forms.length, contexts.tokens(), contexts.width());
    return AddPerPosition.apply(tape, Value.constant(tape.zeros("context", shape)), learned);
  }

  @Override
  public float[] of(String word) {
    return contexts.get(word).clone();
  }
}
