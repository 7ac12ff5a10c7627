// The product of attention's backward whose lanes are channels: eight queries by up to three
// vectors.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;
import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.VectorSpecies.BITS;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@code c[row][channel] += sum_k a[row][k] * b[k][channel]} for a tile a of {@link
 * AttentionProduct#TILE} columns and channels padded to whole vectors.
 */
final class AttentionChannels {
  private static final boolean WIDE = BITS == 512;

  private AttentionChannels() {}

  /**
   * Adds the product of all of a tile's rows (a multiple of 8) to c; b and c have {@code width}
   * channels.
   */
  static void multiplyAdd(
      int rows, float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    for (int row = 0; row < rows; row += ROWS) {
      int left = aAt + row * TILE;
      int target = cAt + row * width;
      if (WIDE) {
        multiplyAddRow(left, a, b, bAt, width, c, target);
      } else {
        multiplyAddRow(left, a, b, bAt, width, c, target);
        multiplyAddRow(left + 4 * TILE, a, b, bAt, width, c, target + 4 * width);
      }
    }
  }

  private static void multiplyAddRow(
      int left, float[] a, float[] b, int bAt, int width, float[] c, int target) {
    int channel = 0;
    for (int rest = width / LANES; rest > 0; ) {
      // 4 is better as 2 + 2 than as 3 + 1.
      int vectors = rest == 4 ? 2 : Math.min(rest, 3);
      switch (vectors) {
        case 3 -> three(a, left, b, bAt + channel, width, c, target + channel);
        case 2 -> two(a, left, b, bAt + channel, width, c, target + channel);
        default -> one(a, left, b, bAt + channel, width, c, target + channel);
      }
      channel += vectors * LANES;
      rest -= vectors;
    }
  }

  private static void three(float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    if (WIDE) {
      threeEight(a, aAt, b, bAt, width, c, cAt);
    } else {
      AttentionChannelsNarrow.threeFour(a, aAt, b, bAt, width, c, cAt);
    }
  }

  private static void two(float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    if (WIDE) {
      twoEight(a, aAt, b, bAt, width, c, cAt);
    } else {
      AttentionChannelsNarrow.twoFour(a, aAt, b, bAt, width, c, cAt);
    }
  }

  private static void one(float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    if (WIDE) {
      oneEight(a, aAt, b, bAt, width, c, cAt);
    } else {
      AttentionChannelsNarrow.oneFour(a, aAt, b, bAt, width, c, cAt);
    }
  }

  private static void threeEight(
      float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, cAt);
    FloatVector c01 = FloatVector.fromArray(FLOATS, c, cAt + LANES);
    FloatVector c02 = FloatVector.fromArray(FLOATS, c, cAt + 2 * LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, cAt + width);
    FloatVector c11 = FloatVector.fromArray(FLOATS, c, cAt + width + LANES);
    FloatVector c12 = FloatVector.fromArray(FLOATS, c, cAt + width + 2 * LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width);
    FloatVector c21 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width + LANES);
    FloatVector c22 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width + 2 * LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width);
    FloatVector c31 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width + LANES);
    FloatVector c32 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width + 2 * LANES);
    FloatVector c40 = FloatVector.fromArray(FLOATS, c, cAt + 4 * width);
    FloatVector c41 = FloatVector.fromArray(FLOATS, c, cAt + 4 * width + LANES);
    FloatVector c42 = FloatVector.fromArray(FLOATS, c, cAt + 4 * width + 2 * LANES);
    FloatVector c50 = FloatVector.fromArray(FLOATS, c, cAt + 5 * width);
    FloatVector c51 = FloatVector.fromArray(FLOATS, c, cAt + 5 * width + LANES);
    FloatVector c52 = FloatVector.fromArray(FLOATS, c, cAt + 5 * width + 2 * LANES);
    FloatVector c60 = FloatVector.fromArray(FLOATS, c, cAt + 6 * width);
    FloatVector c61 = FloatVector.fromArray(FLOATS, c, cAt + 6 * width + LANES);
    FloatVector c62 = FloatVector.fromArray(FLOATS, c, cAt + 6 * width + 2 * LANES);
    FloatVector c70 = FloatVector.fromArray(FLOATS, c, cAt + 7 * width);
    FloatVector c71 = FloatVector.fromArray(FLOATS, c, cAt + 7 * width + LANES);
    FloatVector c72 = FloatVector.fromArray(FLOATS, c, cAt + 7 * width + 2 * LANES);
    for (int k = 0; k < TILE; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + k * width);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bAt + k * width + LANES);
      FloatVector b2 = FloatVector.fromArray(FLOATS, b, bAt + k * width + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + TILE + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + 2 * TILE + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + 3 * TILE + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + 4 * TILE + k]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + 5 * TILE + k]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + 6 * TILE + k]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + 7 * TILE + k]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c02.intoArray(c, cAt + 2 * LANES);
    c10.intoArray(c, cAt + width);
    c11.intoArray(c, cAt + width + LANES);
    c12.intoArray(c, cAt + width + 2 * LANES);
    c20.intoArray(c, cAt + 2 * width);
    c21.intoArray(c, cAt + 2 * width + LANES);
    c22.intoArray(c, cAt + 2 * width + 2 * LANES);
    c30.intoArray(c, cAt + 3 * width);
    c31.intoArray(c, cAt + 3 * width + LANES);
    c32.intoArray(c, cAt + 3 * width + 2 * LANES);
    c40.intoArray(c, cAt + 4 * width);
    c41.intoArray(c, cAt + 4 * width + LANES);
    c42.intoArray(c, cAt + 4 * width + 2 * LANES);
    c50.intoArray(c, cAt + 5 * width);
    c51.intoArray(c, cAt + 5 * width + LANES);
    c52.intoArray(c, cAt + 5 * width + 2 * LANES);
    c60.intoArray(c, cAt + 6 * width);
    c61.intoArray(c, cAt + 6 * width + LANES);
    c62.intoArray(c, cAt + 6 * width + 2 * LANES);
    c70.intoArray(c, cAt + 7 * width);
    c71.intoArray(c, cAt + 7 * width + LANES);
    c72.intoArray(c, cAt + 7 * width + 2 * LANES);
  }

  private static void twoEight(
      float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, cAt);
    FloatVector c01 = FloatVector.fromArray(FLOATS, c, cAt + LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, cAt + width);
    FloatVector c11 = FloatVector.fromArray(FLOATS, c, cAt + width + LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width);
    FloatVector c21 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width + LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width);
    FloatVector c31 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width + LANES);
    FloatVector c40 = FloatVector.fromArray(FLOATS, c, cAt + 4 * width);
    FloatVector c41 = FloatVector.fromArray(FLOATS, c, cAt + 4 * width + LANES);
    FloatVector c50 = FloatVector.fromArray(FLOATS, c, cAt + 5 * width);
    FloatVector c51 = FloatVector.fromArray(FLOATS, c, cAt + 5 * width + LANES);
    FloatVector c60 = FloatVector.fromArray(FLOATS, c, cAt + 6 * width);
    FloatVector c61 = FloatVector.fromArray(FLOATS, c, cAt + 6 * width + LANES);
    FloatVector c70 = FloatVector.fromArray(FLOATS, c, cAt + 7 * width);
    FloatVector c71 = FloatVector.fromArray(FLOATS, c, cAt + 7 * width + LANES);
    for (int k = 0; k < TILE; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + k * width);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bAt + k * width + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + TILE + k]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + 2 * TILE + k]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + 3 * TILE + k]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + 4 * TILE + k]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + 5 * TILE + k]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + 6 * TILE + k]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + 7 * TILE + k]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + width);
    c11.intoArray(c, cAt + width + LANES);
    c20.intoArray(c, cAt + 2 * width);
    c21.intoArray(c, cAt + 2 * width + LANES);
    c30.intoArray(c, cAt + 3 * width);
    c31.intoArray(c, cAt + 3 * width + LANES);
    c40.intoArray(c, cAt + 4 * width);
    c41.intoArray(c, cAt + 4 * width + LANES);
    c50.intoArray(c, cAt + 5 * width);
    c51.intoArray(c, cAt + 5 * width + LANES);
    c60.intoArray(c, cAt + 6 * width);
    c61.intoArray(c, cAt + 6 * width + LANES);
    c70.intoArray(c, cAt + 7 * width);
    c71.intoArray(c, cAt + 7 * width + LANES);
  }

  private static void oneEight(
      float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, cAt);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, cAt + width);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width);
    FloatVector c40 = FloatVector.fromArray(FLOATS, c, cAt + 4 * width);
    FloatVector c50 = FloatVector.fromArray(FLOATS, c, cAt + 5 * width);
    FloatVector c60 = FloatVector.fromArray(FLOATS, c, cAt + 6 * width);
    FloatVector c70 = FloatVector.fromArray(FLOATS, c, cAt + 7 * width);
    for (int k = 0; k < TILE; k++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + k * width);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + k]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + TILE + k]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + 2 * TILE + k]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + 3 * TILE + k]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + 4 * TILE + k]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + 5 * TILE + k]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + 6 * TILE + k]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + 7 * TILE + k]);
      c70 = a7.fma(b0, c70);
    }
    c00.intoArray(c, cAt);
    c10.intoArray(c, cAt + width);
    c20.intoArray(c, cAt + 2 * width);
    c30.intoArray(c, cAt + 3 * width);
    c40.intoArray(c, cAt + 4 * width);
    c50.intoArray(c, cAt + 5 * width);
    c60.intoArray(c, cAt + 6 * width);
    c70.intoArray(c, cAt + 7 * width);
  }
}
