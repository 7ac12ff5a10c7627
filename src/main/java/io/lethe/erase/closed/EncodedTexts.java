// Embeddings of prompts from a model's own text encoder.
package io.lethe.erase.closed;

import io.lethe.diffusion.ContextReach;
import io.lethe.diffusion.TextContexts;
import io.lethe.erase.dense.Matrix;
import io.lethe.text.ClipTokenizer;
import java.util.Collection;

/** Encoded in batches, kept in float, widened when asked for. */
public final class EncodedTexts implements TextEmbeddings {
  private final ClipTokenizer tokenizer;
  private final TextContexts contexts;

  public EncodedTexts(ClipTokenizer tokenizer, TextContexts contexts) {
    this.tokenizer = tokenizer;
    this.contexts = contexts;
  }

  @Override
  public void prepare(Collection<String> prompts) {
    contexts.prepare(prompts);
  }

  @Override
  public EmbeddedText of(String prompt) {
    Matrix rows = Matrix.of(contexts.tokens(), contexts.width(), contexts.get(prompt));
    return new EmbeddedText(rows, tokenizer.encode(prompt).contentTokens());
  }

  @Override
  public void prepareToEnd(Collection<String> prompts) {
    contexts.prepare(prompts, ContextReach.END);
  }

  @Override
  public EmbeddedText upToEnd(String prompt) {
    float[] rows = contexts.rows(prompt, ContextReach.END);
    int width = contexts.width();
    return new EmbeddedText(Matrix.of(rows.length / width, width, rows), rows.length / width - 2);
  }
}
