// Matrix products of float arrays, with mapped weights packed once and kept.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;
import io.lethe.tensor.Tensor;
import java.util.List;

/**
 * {@code c = op(a) op(b) [+ bias] [+ c]}. A product on one {@code Gemm} at a time; the arrays may
 * be parts of larger ones. Sums run over at most 1536 steps in F32 with fused multiply-add, and the
 * sums of these stretches are added in order.
 */
final class Gemm {
  private final GemmProduct product;
  private final WeightPacks packs;

  Gemm(GemmProduct product, WeightPacks packs) {
    this.product = product;
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
    PackerMatrix right =
        new PackerMatrix(
            b.buffer(), 0, transposeB ? k : n, transposeB, k, n, group(transposeA, m, n, k));
    float[] packed =
        packs.find(
            b,
            new WeightPacks.Form(transposeB, k, n, List.of(), right.group(), false),
            MicroTile.packedSize(k, n),
            () -> product.packAll(right));
    multiply(
        left(transposeA, m, n, k, a.floats(), 0, transposeA ? m : k, 0, n),
        right,
        packed,
        bias == null ? null : bias.floats(),
        c.floats(),
        accumulate);
  }

  /**
   * A product of parts of arrays.
   *
   * @param aStride elements from one stored row of a to the next; likewise of b and c
   */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      int bStride,
      float[] bias,
      float[] c,
      int cAt,
      int cStride,
      boolean accumulate) {
    GemmLeft left = left(transposeA, m, n, k, a, aAt, aStride, cAt, cStride);
    Buffer buffer = new Buffer.Floats(b);
    PackerMatrix right =
        new PackerMatrix(buffer, bAt, bStride, transposeB, k, n, group(transposeA, m, n, k));
    multiply(left, right, null, bias, c, accumulate);
  }

  private static GemmLeft left(
      boolean transposeA,
      int m,
      int n,
      int k,
      float[] a,
      int aAt,
      int aStride,
      int cAt,
      int cStride) {
    if (transposeA) {
      return new GemmColumns(a, aAt, aStride, m, k, cAt, cStride);
    }
    return GemmLines.suits(m, n, k)
        ? new GemmLines(a, aAt, aStride, m, k, cAt, cStride)
        : new GemmRows(a, aAt, aStride, m, k, cAt, cStride);
  }

  /** As many panels side by side as the left side's tiles read as one stream. */
  private static int group(boolean transposeA, int m, int n, int k) {
    return !transposeA && GemmLines.suits(m, n, k) ? MicroLines6.VECTORS : 1;
  }

  private void multiply(
      GemmLeft left,
      PackerMatrix right,
      float[] packed,
      float[] bias,
      float[] c,
      boolean accumulate) {
    if (right.steps() == 0) {
      fillEmpty(left, right.columns(), bias, c, accumulate);
    } else {
      product.multiply(left, right, packed, bias, c, accumulate);
    }
  }

  /** A sum over nothing: the bias alone. */
  private static void fillEmpty(
      GemmLeft left, int columns, float[] bias, float[] c, boolean accumulate) {
    PackedScratch tables = new PackedScratch();
    left.begin(0, left.rows(), tables);
    for (int row = 0; row < left.rows(); row++) {
      for (int j = 0; j < columns; j++) {
        int at = tables.cRows[row] + j;
        c[at] = (accumulate ? c[at] : 0f) + (bias == null ? 0f : bias[j]);
      }
    }
  }
}
