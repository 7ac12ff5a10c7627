// The products inside attention: eight rows by two vectors of positions, in registers.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.BITS;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Tiles of attention have {@link #ROWS} rows of {@link #TILE} lanes. At 512 bits all eight rows
 * stay in registers; below that there may be only 16 registers, and they take turns by four.
 */
final class AttentionProduct {
  /** Rows of a panel of the left factor. */
  static final int ROWS = 8;

  /** Columns of a tile: two vectors. */
  static final int TILE = 2 * LANES;

  private static final boolean WIDE = BITS == 512;

  private AttentionProduct() {}

  /** Where row {@code row} of a tile or of a block of scores begins in its array. */
  static int row(int row) {
    return CacheLine.FIRST + row * TILE;
  }

  /**
   * {@code c[r][lane] = sum_k a[aAt + k * aStride + r] * b[bAt + k * TILE + lane]} for r from 0 to
   * 7.
   */
  static void multiply(
      int depth, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt) {
    if (WIDE) {
      multiplyEight(depth, a, aAt, aStride, b, bAt, c, cAt);
    } else {
      AttentionProductNarrow.multiplyFour(depth, a, aAt, aStride, b, bAt, c, cAt);
      AttentionProductNarrow.multiplyFour(
          depth, a, aAt + 4 * aStride, aStride, b, bAt, c, cAt + 4 * TILE);
    }
  }

  /**
   * {@code c[r][lane] = sum_k a[aAt + k * 8 + r] * b[bAt + k * TILE + lane]} for r from 0 to 7: the
   * same numbers in the same order as {@link #multiply}, from a panel that was packed for it.
   */
  static void multiplyPanel(int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    if (WIDE) {
      multiplyPanelEight(depth, a, aAt, b, bAt, c, cAt);
    } else {
      AttentionProductNarrow.multiplyPanelFour(depth, a, aAt, b, bAt, c, cAt);
      AttentionProductNarrow.multiplyPanelFour(depth, a, aAt + 4, b, bAt, c, cAt + 4 * TILE);
    }
  }

  /**
   * {@code c[r][lane] = c[r][lane] * factor[lane] + sum_k a[aAt + k * aStride + r] * b[bAt + k *
   * TILE + lane]} for r from 0 to 7.
   */
  static void multiplyAdd(
      int depth,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] factor,
      float[] c,
      int cAt) {
    if (WIDE) {
      multiplyAddEight(depth, a, aAt, aStride, b, bAt, factor, c, cAt);
    } else {
      AttentionProductNarrow.multiplyAddFour(depth, a, aAt, aStride, b, bAt, factor, c, cAt);
      AttentionProductNarrow.multiplyAddFour(
          depth, a, aAt + 4, aStride, b, bAt, factor, c, cAt + 4 * TILE);
    }
  }

  private static void multiplyPanelEight(
      int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    for (int k = 0; k < depth; k++) {
      int at = aAt + k * ROWS;
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + k * TILE);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bAt + k * TILE + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + TILE);
    c11.intoArray(c, cAt + TILE + LANES);
    c20.intoArray(c, cAt + 2 * TILE);
    c21.intoArray(c, cAt + 2 * TILE + LANES);
    c30.intoArray(c, cAt + 3 * TILE);
    c31.intoArray(c, cAt + 3 * TILE + LANES);
    c40.intoArray(c, cAt + 4 * TILE);
    c41.intoArray(c, cAt + 4 * TILE + LANES);
    c50.intoArray(c, cAt + 5 * TILE);
    c51.intoArray(c, cAt + 5 * TILE + LANES);
    c60.intoArray(c, cAt + 6 * TILE);
    c61.intoArray(c, cAt + 6 * TILE + LANES);
    c70.intoArray(c, cAt + 7 * TILE);
    c71.intoArray(c, cAt + 7 * TILE + LANES);
  }

  private static void multiplyEight(
      int depth, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c40 = FloatVector.zero(FLOATS);
    FloatVector c41 = FloatVector.zero(FLOATS);
    FloatVector c50 = FloatVector.zero(FLOATS);
    FloatVector c51 = FloatVector.zero(FLOATS);
    FloatVector c60 = FloatVector.zero(FLOATS);
    FloatVector c61 = FloatVector.zero(FLOATS);
    FloatVector c70 = FloatVector.zero(FLOATS);
    FloatVector c71 = FloatVector.zero(FLOATS);
    int r0 = aAt;
    int r1 = aAt + aStride;
    int r2 = aAt + 2 * aStride;
    int r3 = aAt + 3 * aStride;
    int r4 = aAt + 4 * aStride;
    int r5 = aAt + 5 * aStride;
    int r6 = aAt + 6 * aStride;
    int r7 = aAt + 7 * aStride;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + k * TILE);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bAt + k * TILE + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[r0 + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[r1 + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[r2 + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[r3 + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[r4 + k]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[r5 + k]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[r6 + k]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[r7 + k]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + TILE);
    c11.intoArray(c, cAt + TILE + LANES);
    c20.intoArray(c, cAt + 2 * TILE);
    c21.intoArray(c, cAt + 2 * TILE + LANES);
    c30.intoArray(c, cAt + 3 * TILE);
    c31.intoArray(c, cAt + 3 * TILE + LANES);
    c40.intoArray(c, cAt + 4 * TILE);
    c41.intoArray(c, cAt + 4 * TILE + LANES);
    c50.intoArray(c, cAt + 5 * TILE);
    c51.intoArray(c, cAt + 5 * TILE + LANES);
    c60.intoArray(c, cAt + 6 * TILE);
    c61.intoArray(c, cAt + 6 * TILE + LANES);
    c70.intoArray(c, cAt + 7 * TILE);
    c71.intoArray(c, cAt + 7 * TILE + LANES);
  }

  private static void multiplyAddEight(
      int depth,
      float[] a,
      int aAt,
      int aStride,
      float[] b,
      int bAt,
      float[] factor,
      float[] c,
      int cAt) {
    FloatVector f0 = FloatVector.fromArray(FLOATS, factor, 0);
    FloatVector f1 = FloatVector.fromArray(FLOATS, factor, LANES);
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, cAt).mul(f0);
    FloatVector c01 = FloatVector.fromArray(FLOATS, c, cAt + LANES).mul(f1);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, cAt + TILE).mul(f0);
    FloatVector c11 = FloatVector.fromArray(FLOATS, c, cAt + TILE + LANES).mul(f1);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, cAt + 2 * TILE).mul(f0);
    FloatVector c21 = FloatVector.fromArray(FLOATS, c, cAt + 2 * TILE + LANES).mul(f1);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, cAt + 3 * TILE).mul(f0);
    FloatVector c31 = FloatVector.fromArray(FLOATS, c, cAt + 3 * TILE + LANES).mul(f1);
    FloatVector c40 = FloatVector.fromArray(FLOATS, c, cAt + 4 * TILE).mul(f0);
    FloatVector c41 = FloatVector.fromArray(FLOATS, c, cAt + 4 * TILE + LANES).mul(f1);
    FloatVector c50 = FloatVector.fromArray(FLOATS, c, cAt + 5 * TILE).mul(f0);
    FloatVector c51 = FloatVector.fromArray(FLOATS, c, cAt + 5 * TILE + LANES).mul(f1);
    FloatVector c60 = FloatVector.fromArray(FLOATS, c, cAt + 6 * TILE).mul(f0);
    FloatVector c61 = FloatVector.fromArray(FLOATS, c, cAt + 6 * TILE + LANES).mul(f1);
    FloatVector c70 = FloatVector.fromArray(FLOATS, c, cAt + 7 * TILE).mul(f0);
    FloatVector c71 = FloatVector.fromArray(FLOATS, c, cAt + 7 * TILE + LANES).mul(f1);
    for (int k = 0; k < depth; k++) {
      int at = aAt + k * aStride;
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + k * TILE);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bAt + k * TILE + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[at + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[at + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[at + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[at + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[at + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[at + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[at + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + TILE);
    c11.intoArray(c, cAt + TILE + LANES);
    c20.intoArray(c, cAt + 2 * TILE);
    c21.intoArray(c, cAt + 2 * TILE + LANES);
    c30.intoArray(c, cAt + 3 * TILE);
    c31.intoArray(c, cAt + 3 * TILE + LANES);
    c40.intoArray(c, cAt + 4 * TILE);
    c41.intoArray(c, cAt + 4 * TILE + LANES);
    c50.intoArray(c, cAt + 5 * TILE);
    c51.intoArray(c, cAt + 5 * TILE + LANES);
    c60.intoArray(c, cAt + 6 * TILE);
    c61.intoArray(c, cAt + 6 * TILE + LANES);
    c70.intoArray(c, cAt + 7 * TILE);
    c71.intoArray(c, cAt + 7 * TILE + LANES);
  }
}
