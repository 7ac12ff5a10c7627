// What an attacker may set: one word's embedding, or the whole context.
package io.lethe.attack;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;

/** A few numbers that are learned, and how they become the contexts that the UNet attends to. */
sealed interface LearnedEmbedding permits LearnedWord, LearnedContext {
  /** The shape of what is learned. */
  Shape shape();

  /**
   * The contexts of some prompts.
   *
   * @param learned of {@link #shape}
   * @param forms which prompt form, one a sample
   * @return {@code [n, tokens, width]}
   */
  Value contexts(Tape tape, Value learned, int[] forms);

  /** The numbers that stand for a word which the model has. */
  float[] of(String word);
}
