// Embeddings of prompts from a model's own text encoder.
package io.lethe.erase.closed;

import io.lethe.backend.Backend;
import io.lethe.diffusion.ContextReach;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.TextContexts;
import io.lethe.erase.dense.Matrix;
import io.lethe.text.ClipTokenizer;
import java.util.Collection;

/** Encoded in batches, kept in float, widened when asked for. */
public final class EncodedTexts implements TextEmbeddings {
  private final ClipTokenizer tokenizer;
  private final TextContexts contexts;
  private long nanos;

  public EncodedTexts(Backend backend, DiffusionModel model) {
    this.tokenizer = model.tokenizer();
    this.contexts = TextContexts.of(backend, model);
  }

  @Override
  public void prepare(Collection<String> prompts) {
    long start = System.nanoTime();
    contexts.prepare(prompts);
    nanos += System.nanoTime() - start;
  }

  @Override
  public EmbeddedText of(String prompt) {
    long start = System.nanoTime();
    float[] values = contexts.get(prompt);
    nanos += System.nanoTime() - start;
    Matrix rows = Matrix.of(contexts.tokens(), contexts.width(), values);
    return new EmbeddedText(rows, tokenizer.encode(prompt).contentTokens());
  }

  @Override
  public void prepareToEnd(Collection<String> prompts) {
    long start = System.nanoTime();
    contexts.prepare(prompts, ContextReach.END);
    nanos += System.nanoTime() - start;
  }

  @Override
  public EmbeddedText upToEnd(String prompt) {
    long start = System.nanoTime();
    float[] rows = contexts.rows(prompt, ContextReach.END);
    nanos += System.nanoTime() - start;
    int width = contexts.width();
    return new EmbeddedText(Matrix.of(rows.length / width, width, rows), rows.length / width - 2);
  }

  /** How long the text encoder took so far. */
  public double seconds() {
    return nanos / 1e9;
  }
}
