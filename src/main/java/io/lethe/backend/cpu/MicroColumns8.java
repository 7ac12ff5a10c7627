// The innermost loop of products whose left side is packed step by step, eight rows at a time.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * 8 rows of c at a time, a packed as {@code [steps, 8]}: {@code c[i, :] = init + sum_p a[p, i] b[p,
 * :]}.
 *
 * <p>This is the form of weight gradients, where the left side lies transposed. Arguments as in
 * {@link MicroRows8}.
 */
final class MicroColumns8 {
  private MicroColumns8() {}

  /** 8 rows by two vectors. */
  static void wide(
      float[] a,
      int aAt,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, initAt);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, initAt + LANES);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    FloatVector c40 = c00;
    FloatVector c41 = c01;
    FloatVector c50 = c00;
    FloatVector c51 = c01;
    FloatVector c60 = c00;
    FloatVector c61 = c01;
    FloatVector c70 = c00;
    FloatVector c71 = c01;
    for (int p = 0; p < length; p++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + p * (2 * LANES));
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bAt + p * (2 * LANES) + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + p * 8]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
    }
    c00.intoArray(c, cRows[cRow] + cBase);
    c01.intoArray(c, cRows[cRow] + cBase + LANES);
    c10.intoArray(c, cRows[cRow + 1] + cBase);
    c11.intoArray(c, cRows[cRow + 1] + cBase + LANES);
    c20.intoArray(c, cRows[cRow + 2] + cBase);
    c21.intoArray(c, cRows[cRow + 2] + cBase + LANES);
    c30.intoArray(c, cRows[cRow + 3] + cBase);
    c31.intoArray(c, cRows[cRow + 3] + cBase + LANES);
    c40.intoArray(c, cRows[cRow + 4] + cBase);
    c41.intoArray(c, cRows[cRow + 4] + cBase + LANES);
    c50.intoArray(c, cRows[cRow + 5] + cBase);
    c51.intoArray(c, cRows[cRow + 5] + cBase + LANES);
    c60.intoArray(c, cRows[cRow + 6] + cBase);
    c61.intoArray(c, cRows[cRow + 6] + cBase + LANES);
    c70.intoArray(c, cRows[cRow + 7] + cBase);
    c71.intoArray(c, cRows[cRow + 7] + cBase + LANES);
  }

  /** 8 rows by one vector, for the last columns. */
  static void narrow(
      float[] a,
      int aAt,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, initAt);
    FloatVector c10 = c00;
    FloatVector c20 = c00;
    FloatVector c30 = c00;
    FloatVector c40 = c00;
    FloatVector c50 = c00;
    FloatVector c60 = c00;
    FloatVector c70 = c00;
    for (int p = 0; p < length; p++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bAt + p * LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + p * 8]);
      c00 = a0.fma(b0, c00);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 1]);
      c10 = a1.fma(b0, c10);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 2]);
      c20 = a2.fma(b0, c20);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 3]);
      c30 = a3.fma(b0, c30);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 4]);
      c40 = a4.fma(b0, c40);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 5]);
      c50 = a5.fma(b0, c50);
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 6]);
      c60 = a6.fma(b0, c60);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + p * 8 + 7]);
      c70 = a7.fma(b0, c70);
    }
    c00.intoArray(c, cRows[cRow] + cBase);
    c10.intoArray(c, cRows[cRow + 1] + cBase);
    c20.intoArray(c, cRows[cRow + 2] + cBase);
    c30.intoArray(c, cRows[cRow + 3] + cBase);
    c40.intoArray(c, cRows[cRow + 4] + cBase);
    c50.intoArray(c, cRows[cRow + 5] + cBase);
    c60.intoArray(c, cRows[cRow + 6] + cBase);
    c70.intoArray(c, cRows[cRow + 7] + cBase);
  }
}
