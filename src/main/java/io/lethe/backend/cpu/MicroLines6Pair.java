// The innermost loop over rows that are read where they lie, six of them by two vectors.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * As {@link MicroLines6} for machines with 16 registers: 12 sums, two vectors of b and one number
 * of a.
 */
final class MicroLines6Pair {
  private MicroLines6Pair() {}

  /**
   * One tile of a reduction in one piece; arguments as in {@link MicroLines6#tile}.
   *
   * @param shift added to where rows of a begin
   */
  static void tile(
      float[] a,
      int[] aRows,
      int row,
      int shift,
      int length,
      float[] b,
      int bAt,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c0a = FloatVector.zero(FLOATS);
    FloatVector c0b = FloatVector.zero(FLOATS);
    FloatVector c1a = FloatVector.zero(FLOATS);
    FloatVector c1b = FloatVector.zero(FLOATS);
    FloatVector c2a = FloatVector.zero(FLOATS);
    FloatVector c2b = FloatVector.zero(FLOATS);
    FloatVector c3a = FloatVector.zero(FLOATS);
    FloatVector c3b = FloatVector.zero(FLOATS);
    FloatVector c4a = FloatVector.zero(FLOATS);
    FloatVector c4b = FloatVector.zero(FLOATS);
    FloatVector c5a = FloatVector.zero(FLOATS);
    FloatVector c5b = FloatVector.zero(FLOATS);
    int r0 = aRows[row] + shift;
    int r1 = aRows[row + 1] + shift;
    int r2 = aRows[row + 2] + shift;
    int r3 = aRows[row + 3] + shift;
    int r4 = aRows[row + 4] + shift;
    int r5 = aRows[row + 5] + shift;
    for (int p = 0; p < length; p++) {
      FloatVector ba = FloatVector.fromArray(FLOATS, b, bAt + p * (2 * LANES));
      FloatVector bb = FloatVector.fromArray(FLOATS, b, bAt + p * (2 * LANES) + LANES);
      FloatVector a0 = FloatVector.broadcast(FLOATS, a[r0 + p]);
      c0a = a0.fma(ba, c0a);
      c0b = a0.fma(bb, c0b);
      FloatVector a1 = FloatVector.broadcast(FLOATS, a[r1 + p]);
      c1a = a1.fma(ba, c1a);
      c1b = a1.fma(bb, c1b);
      FloatVector a2 = FloatVector.broadcast(FLOATS, a[r2 + p]);
      c2a = a2.fma(ba, c2a);
      c2b = a2.fma(bb, c2b);
      FloatVector a3 = FloatVector.broadcast(FLOATS, a[r3 + p]);
      c3a = a3.fma(ba, c3a);
      c3b = a3.fma(bb, c3b);
      FloatVector a4 = FloatVector.broadcast(FLOATS, a[r4 + p]);
      c4a = a4.fma(ba, c4a);
      c4b = a4.fma(bb, c4b);
      FloatVector a5 = FloatVector.broadcast(FLOATS, a[r5 + p]);
      c5a = a5.fma(ba, c5a);
      c5b = a5.fma(bb, c5b);
    }
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
}
