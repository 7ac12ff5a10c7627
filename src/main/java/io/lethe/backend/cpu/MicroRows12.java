// The innermost loop of all products, twelve rows at a time.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@code c[i, :] = init + sum_p a[p, i] b[p, :] + d[i, :]} for 12 rows of c.
 *
 * <p>Arguments: {@code a}, whose 12 rows are neighbours, from {@code aAt} on in the first step and
 * {@code aStride} further in each next one: packed with a stride of 12, or a transposed matrix as
 * it is; {@code b}, packed panels {@code [length, LANES]} from {@code bAt} and {@code bNext};
 * {@code init}, the bias or zeros; {@code cRows[cRow + i] + cBase}, where row i of c begins, and
 * the same for d: c itself, or {@link MicroTile#NOTHING}. That there is always one costs less than
 * a branch would: the first call that took the other side of it would throw away what C2 has
 * compiled.
 *
 * <p>Why so: the accumulators are named locals, since C2 keeps no array of vectors in registers.
 * All rows of a advance together, so one index serves them and two checks of bounds a step, for
 * which there is time; those of b are checked once, before the loop. Rows that lie as rows would
 * take one register each, more than there are. One step a turn: with two C2 places both updates of
 * a sum side by side, where the second waits for the first (5 % slower); with four it loads too
 * early and spills. And d is read at the end, where its misses overlap the last steps, not at the
 * beginning, where all sums would wait. The two panels are streams of their own, so that the
 * hardware fetches each of them far enough ahead.
 */
final class MicroRows12 {
  private MicroRows12() {}

  /** 12 rows by two vectors. */
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
    FloatVector c6a = c0a;
    FloatVector c6b = c0b;
    FloatVector c7a = c0a;
    FloatVector c7b = c0b;
    FloatVector c8a = c0a;
    FloatVector c8b = c0b;
    FloatVector c9a = c0a;
    FloatVector c9b = c0b;
    FloatVector c10a = c0a;
    FloatVector c10b = c0b;
    FloatVector c11a = c0a;
    FloatVector c11b = c0b;
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
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 6]);
      c6a = a6.fma(ba, c6a);
      c6b = a6.fma(bb, c6b);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 7]);
      c7a = a7.fma(ba, c7a);
      c7b = a7.fma(bb, c7b);
      FloatVector a8 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 8]);
      c8a = a8.fma(ba, c8a);
      c8b = a8.fma(bb, c8b);
      FloatVector a9 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 9]);
      c9a = a9.fma(ba, c9a);
      c9b = a9.fma(bb, c9b);
      FloatVector a10 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 10]);
      c10a = a10.fma(ba, c10a);
      c10b = a10.fma(bb, c10b);
      FloatVector a11 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 11]);
      c11a = a11.fma(ba, c11a);
      c11b = a11.fma(bb, c11b);
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
    c6a = c6a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 6] + dBase));
    c6b = c6b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 6] + dBase + LANES));
    c7a = c7a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 7] + dBase));
    c7b = c7b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 7] + dBase + LANES));
    c8a = c8a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 8] + dBase));
    c8b = c8b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 8] + dBase + LANES));
    c9a = c9a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 9] + dBase));
    c9b = c9b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 9] + dBase + LANES));
    c10a = c10a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 10] + dBase));
    c10b = c10b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 10] + dBase + LANES));
    c11a = c11a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 11] + dBase));
    c11b = c11b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 11] + dBase + LANES));
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
    c6a.intoArray(c, cRows[cRow + 6] + cBase);
    c6b.intoArray(c, cRows[cRow + 6] + cBase + LANES);
    c7a.intoArray(c, cRows[cRow + 7] + cBase);
    c7b.intoArray(c, cRows[cRow + 7] + cBase + LANES);
    c8a.intoArray(c, cRows[cRow + 8] + cBase);
    c8b.intoArray(c, cRows[cRow + 8] + cBase + LANES);
    c9a.intoArray(c, cRows[cRow + 9] + cBase);
    c9b.intoArray(c, cRows[cRow + 9] + cBase + LANES);
    c10a.intoArray(c, cRows[cRow + 10] + cBase);
    c10b.intoArray(c, cRows[cRow + 10] + cBase + LANES);
    c11a.intoArray(c, cRows[cRow + 11] + cBase);
    c11b.intoArray(c, cRows[cRow + 11] + cBase + LANES);
  }

  /** 12 rows by one vector, for the last columns. */
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
    FloatVector c6a = c0a;
    FloatVector c7a = c0a;
    FloatVector c8a = c0a;
    FloatVector c9a = c0a;
    FloatVector c10a = c0a;
    FloatVector c11a = c0a;
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
      FloatVector a6 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 6]);
      c6a = a6.fma(ba, c6a);
      FloatVector a7 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 7]);
      c7a = a7.fma(ba, c7a);
      FloatVector a8 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 8]);
      c8a = a8.fma(ba, c8a);
      FloatVector a9 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 9]);
      c9a = a9.fma(ba, c9a);
      FloatVector a10 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 10]);
      c10a = a10.fma(ba, c10a);
      FloatVector a11 = FloatVector.broadcast(FLOATS, a[aAt + p * aStride + 11]);
      c11a = a11.fma(ba, c11a);
    }
    c0a = c0a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase));
    c1a = c1a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase));
    c2a = c2a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase));
    c3a = c3a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase));
    c4a = c4a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase));
    c5a = c5a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase));
    c6a = c6a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 6] + dBase));
    c7a = c7a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 7] + dBase));
    c8a = c8a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 8] + dBase));
    c9a = c9a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 9] + dBase));
    c10a = c10a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 10] + dBase));
    c11a = c11a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 11] + dBase));
    c0a.intoArray(c, cRows[cRow] + cBase);
    c1a.intoArray(c, cRows[cRow + 1] + cBase);
    c2a.intoArray(c, cRows[cRow + 2] + cBase);
    c3a.intoArray(c, cRows[cRow + 3] + cBase);
    c4a.intoArray(c, cRows[cRow + 4] + cBase);
    c5a.intoArray(c, cRows[cRow + 5] + cBase);
    c6a.intoArray(c, cRows[cRow + 6] + cBase);
    c7a.intoArray(c, cRows[cRow + 7] + cBase);
    c8a.intoArray(c, cRows[cRow + 8] + cBase);
    c9a.intoArray(c, cRows[cRow + 9] + cBase);
    c10a.intoArray(c, cRows[cRow + 10] + cBase);
    c11a.intoArray(c, cRows[cRow + 11] + cBase);
  }
}
