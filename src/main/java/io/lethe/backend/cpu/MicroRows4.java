// The innermost loop of all products for their last four or eight rows.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * 4 rows of a tile of {@link MicroRows12}, for the last of them: what is a power of two, as numbers
 * of pixels and channels mostly are, leaves 4 or 8. Arguments as there.
 */
final class MicroRows4 {
  private MicroRows4() {}

  /** 4 rows by two vectors. */
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
    }
    c0a = c0a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase));
    c0b = c0b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase + LANES));
    c1a = c1a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase));
    c1b = c1b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase + LANES));
    c2a = c2a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase));
    c2b = c2b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase + LANES));
    c3a = c3a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase));
    c3b = c3b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase + LANES));
    c0a.intoArray(c, cRows[cRow] + cBase);
    c0b.intoArray(c, cRows[cRow] + cBase + LANES);
    c1a.intoArray(c, cRows[cRow + 1] + cBase);
    c1b.intoArray(c, cRows[cRow + 1] + cBase + LANES);
    c2a.intoArray(c, cRows[cRow + 2] + cBase);
    c2b.intoArray(c, cRows[cRow + 2] + cBase + LANES);
    c3a.intoArray(c, cRows[cRow + 3] + cBase);
    c3b.intoArray(c, cRows[cRow + 3] + cBase + LANES);
  }
}
