// The innermost loop of all products, six rows at a time.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@code c[i, :] = init + sum_p a[p, i] b[p, :] + d[i, :]} for 6 rows of c: with 16 registers, 12
 * sums, two vectors of b and one number of a. Arguments and reasons as in {@link MicroRows12}.
 */
final class MicroRows6 {
  private MicroRows6() {}

  /** 6 rows by two vectors. */
  static void wide(
      float[] a,
      int aAt,
      int aStride,
      int length,
      float[] b,
      int bAt,
      int bNext,
      float[] init,
      int initAt,
      float[] d,
      int[] dRows,
      int dRow,
      int dBase,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c0a = FloatVector.fromArray(FLOATS, init, initAt);
    FloatVector c0b = FloatVector.fromArray(FLOATS, init, initAt + LANES);
    FloatVector c1a = c0a;
    FloatVector c1b = c0b;
    FloatVector c2a = c0a;
    FloatVector c2b = c0b;
    FloatVector c3a = c0a;
    FloatVector c3b = c0b;
    FloatVector c4a = c0a;
    FloatVector c4b = c0b;
    FloatVector c5a = c0a;
    FloatVector c5b = c0b;
    for (int p = 0; p < length; p++) {
      FloatVector ba = FloatVector.fromArray(FLOATS, b, bAt + p * LANES);
      FloatVector bb = FloatVector.fromArray(FLOATS, b, bNext + p * LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride]);
      c0a = a0.fma(ba, c0a);
      c0b = a0.fma(bb, c0b);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 1]);
      c1a = a1.fma(ba, c1a);
      c1b = a1.fma(bb, c1b);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 2]);
      c2a = a2.fma(ba, c2a);
      c2b = a2.fma(bb, c2b);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 3]);
      c3a = a3.fma(ba, c3a);
      c3b = a3.fma(bb, c3b);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 4]);
      c4a = a4.fma(ba, c4a);
      c4b = a4.fma(bb, c4b);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 5]);
      c5a = a5.fma(ba, c5a);
      c5b = a5.fma(bb, c5b);
    }
    c0a = c0a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase));
    c0b = c0b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase + LANES));
    c1a = c1a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase));
    c1b = c1b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase + LANES));
    c2a = c2a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase));
    c2b = c2b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase + LANES));
    c3a = c3a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase));
    c3b = c3b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase + LANES));
    c4a = c4a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase));
    c4b = c4b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase + LANES));
    c5a = c5a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase));
    c5b = c5b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase + LANES));
    c0a.intoArray(c, cRows[cRow] + cBase);
    c0b.intoArray(c, cRows[cRow] + cBase + LANES);
    c1a.intoArray(c, cRows[cRow + 1] + cBase);
    c1b.intoArray(c, cRows[cRow + 1] + cBase + LANES);
    c2a.intoArray(c, cRows[cRow + 2] + cBase);
    c2b.intoArray(c, cRows[cRow + 2] + cBase + LANES);
    c3a.intoArray(c, cRows[cRow + 3] + cBase);
    c3b.intoArray(c, cRows[cRow + 3] + cBase + LANES);
    c4a.intoArray(c, cRows[cRow + 4] + cBase);
    c4b.intoArray(c, cRows[cRow + 4] + cBase + LANES);
    c5a.intoArray(c, cRows[cRow + 5] + cBase);
    c5b.intoArray(c, cRows[cRow + 5] + cBase + LANES);
  }

  /** 6 rows by one vector, for the last columns. */
  static void narrow(
      float[] a,
      int aAt,
      int aStride,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      float[] d,
      int[] dRows,
      int dRow,
      int dBase,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c0a = FloatVector.fromArray(FLOATS, init, initAt);
    FloatVector c1a = c0a;
    FloatVector c2a = c0a;
    FloatVector c3a = c0a;
    FloatVector c4a = c0a;
    FloatVector c5a = c0a;
    for (int p = 0; p < length; p++) {
      FloatVector ba = FloatVector.fromArray(FLOATS, b, bAt + p * LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride]);
      c0a = a0.fma(ba, c0a);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 1]);
      c1a = a1.fma(ba, c1a);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 2]);
      c2a = a2.fma(ba, c2a);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 3]);
      c3a = a3.fma(ba, c3a);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 4]);
      c4a = a4.fma(ba, c4a);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 5]);
      c5a = a5.fma(ba, c5a);
    }
    c0a = c0a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase));
    c1a = c1a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase));
    c2a = c2a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase));
    c3a = c3a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase));
    c4a = c4a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase));
    c5a = c5a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase));
    c0a.intoArray(c, cRows[cRow] + cBase);
    c1a.intoArray(c, cRows[cRow + 1] + cBase);
    c2a.intoArray(c, cRows[cRow + 2] + cBase);
    c3a.intoArray(c, cRows[cRow + 3] + cBase);
    c4a.intoArray(c, cRows[cRow + 4] + cBase);
    c5a.intoArray(c, cRows[cRow + 5] + cBase);
  }
}
