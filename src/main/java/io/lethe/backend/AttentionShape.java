// The extents of one multi-head attention.
package io.lethe.backend;

/**
 * Multi-head attention over {@code q [n, queries, heads*headDim]}, {@code k} and {@code v [n, keys,
 * heads*headDim]}, heads side by side in the innermost axis: {@code out = softmax(q k^T * scale [+
 * causal mask]) v}.
 */
public record AttentionShape(
    int n, int heads, int queries, int keys, int headDim, float scale, boolean causal) {

  /** Attention with the usual scale of {@code 1/sqrt(headDim)}, unmasked. */
  public static AttentionShape of(int n, int heads, int queries, int keys, int headDim) {
    return new AttentionShape(
        n, heads, queries, keys, headDim, (float) (1 / Math.sqrt(headDim)), false);
  }

  /** Extent of the innermost axis. */
  public int width() {
    return heads * headDim;
  }

  /** Floating-point operations of the forward pass: two products of queries x keys x headDim. */
  public long flops() {
    return 4L * n * heads * queries * keys * headDim;
  }

  public String descriptor() {
    return "attention_n"
        + n
        + "h"
        + heads
        + "q"
        + queries
        + "k"
        + keys
        + "d"
        + headDim
        + (causal ? "causal" : "");
  }
}
