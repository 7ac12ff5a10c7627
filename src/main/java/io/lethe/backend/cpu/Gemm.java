// Matrix products of float arrays, with mapped weights packed once and kept.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;
import io.lethe.tensor.Tensor;
import java.util.List;

/**
 * {@code c = op(a) op(b) [+ bias] [+ c]}. A product on one {@code Gemm} at a time. Sums run over at
 * most 1536 steps in F32 with fused multiply-add, and the sums of these stretches are added in
 * order.
 */
final class Gemm {
  private final GemmProduct product;
  private final GemmWeightGradient weightGradient;
  private final WeightPacks packs;

  Gemm(GemmProduct product, GemmWeightGradient weightGradient, WeightPacks packs) {
    this.product = product;
    this.weightGradient = weightGradient;
    this.packs = packs;
  }

  /** As {@link io.lethe.backend.Backend#gemm}. */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Tensor a,
      Tensor b,
      Tensor bias,
      Tensor c,
      boolean accumulate) {
    if (k == 0) {
      fillEmpty(m, n, bias, c.floats(), accumulate);
      return;
    }
    boolean gradient = transposeA && !transposeB && bias == null && GemmWeightGradient.suits(k);
    if (gradient && b.buffer() instanceof Buffer.Floats(float[] right)) {
      weightGradient.multiply(m, n, k, a.floats(), right, c.floats(), accumulate);
      return;
    }
    boolean lines = !transposeA && GemmLines.suits(m, n, k);
    GemmLeft left =
        transposeA
            ? new GemmColumns(a.floats(), m, k, n)
            : lines ? new GemmLines(a.floats(), m, k, n) : new GemmRows(a.floats(), m, k, n);
    // As many panels side by side as the left side's tiles read as one stream.
    int group = lines ? MicroLines6.VECTORS : 1;
    PackerMatrix right = new PackerMatrix(b.buffer(), transposeB, k, n, group);
    float[] packed =
        packs.find(
            b,
            new WeightPacks.Form(transposeB, k, n, List.of(), group, false),
            MicroTile.packedSize(k, n),
            () -> product.packAll(right));
    product.multiply(
        left, right, packed, bias == null ? null : bias.floats(), c.floats(), accumulate);
  }

  /** A sum over nothing: the bias alone. */
  private static void fillEmpty(int m, int n, Tensor bias, float[] c, boolean accumulate) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        int at = i * n + j;
        c[at] = (accumulate ? c[at] : 0f) + (bias == null ? 0f : bias.floats()[j]);
      }
    }
  }
}
