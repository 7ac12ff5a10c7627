// The product of attention's backward whose lanes are channels by four queries.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/** See {@link AttentionChannels}. */
final class AttentionChannelsNarrow {
  private AttentionChannelsNarrow() {}

  static void threeFour(float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
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
  }

  static void twoFour(float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, cAt);
    FloatVector c01 = FloatVector.fromArray(FLOATS, c, cAt + LANES);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, cAt + width);
    FloatVector c11 = FloatVector.fromArray(FLOATS, c, cAt + width + LANES);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width);
    FloatVector c21 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width + LANES);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width);
    FloatVector c31 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width + LANES);
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
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + width);
    c11.intoArray(c, cAt + width + LANES);
    c20.intoArray(c, cAt + 2 * width);
    c21.intoArray(c, cAt + 2 * width + LANES);
    c30.intoArray(c, cAt + 3 * width);
    c31.intoArray(c, cAt + 3 * width + LANES);
  }

  static void oneFour(float[] a, int aAt, float[] b, int bAt, int width, float[] c, int cAt) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, cAt);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, cAt + width);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, cAt + 2 * width);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, cAt + 3 * width);
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
    }
    c00.intoArray(c, cAt);
    c10.intoArray(c, cAt + width);
    c20.intoArray(c, cAt + 2 * width);
    c30.intoArray(c, cAt + 3 * width);
  }
}
