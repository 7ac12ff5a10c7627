// The products inside attention by four rows, for processors with 16 vector registers.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;
import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/** See {@link AttentionProduct}. */
final class AttentionProductNarrow {
  private AttentionProductNarrow() {}

  static void multiplyPanelFour(
      int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
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
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + TILE);
    c11.intoArray(c, cAt + TILE + LANES);
    c20.intoArray(c, cAt + 2 * TILE);
    c21.intoArray(c, cAt + 2 * TILE + LANES);
    c30.intoArray(c, cAt + 3 * TILE);
    c31.intoArray(c, cAt + 3 * TILE + LANES);
  }

  static void multiplyFour(
      int depth, float[] a, int aAt, int aStride, float[] b, int bAt, float[] c, int cAt) {
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    int r0 = aAt;
    int r1 = aAt + aStride;
    int r2 = aAt + 2 * aStride;
    int r3 = aAt + 3 * aStride;
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
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + TILE);
    c11.intoArray(c, cAt + TILE + LANES);
    c20.intoArray(c, cAt + 2 * TILE);
    c21.intoArray(c, cAt + 2 * TILE + LANES);
    c30.intoArray(c, cAt + 3 * TILE);
    c31.intoArray(c, cAt + 3 * TILE + LANES);
  }

  static void multiplyAddFour(
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
    }
    c00.intoArray(c, cAt);
    c01.intoArray(c, cAt + LANES);
    c10.intoArray(c, cAt + TILE);
    c11.intoArray(c, cAt + TILE + LANES);
    c20.intoArray(c, cAt + 2 * TILE);
    c21.intoArray(c, cAt + 2 * TILE + LANES);
    c30.intoArray(c, cAt + 3 * TILE);
    c31.intoArray(c, cAt + 3 * TILE + LANES);
  }
}
