// The innermost loop of products to few columns, six rows by four vectors at a time.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@code c[i, :] = init + sum_p a[i, p] b[p, :] + d[i, :]}, with rows of a read where they lie.
 *
 * <p>The loop is up to a tenth slower than {@link MicroRows12} but needs nothing packed on the
 * left, which pays where few columns share the packing. Six rows leave their addresses in
 * registers; with eight they would be loaded again and again, and with two steps a turn the sums.
 */
final class MicroLines6 {
  static final int ROWS = 6;
  static final int VECTORS = 4;

  private MicroLines6() {}

  /** Whether this machine has the 32 registers for it, and these columns fill whole tiles. */
  static boolean suits(int columns) {
    return LANES == 16 && columns % (VECTORS * LANES) == 0;
  }

  /**
   * Rows {@code rowFrom..rowTo - 1} of one tile's columns; the last tile may reach beyond them.
   *
   * @param rowTo {@code scratch.aRows} says where rows begin, and has entries to the end of the
   *     last tile
   */
  static void sweep(
      PackedScratch scratch,
      float[] a,
      int rowFrom,
      int rowTo,
      int segments,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    for (int row = rowFrom; row < rowTo; row += ROWS) {
      int covered = Math.min(ROWS, rowTo - row);
      boolean direct = covered == ROWS;
      boolean add = direct && accumulate;
      tile(
          a,
          scratch.aRows,
          row,
          scratch.shifts,
          segments,
          length,
          b,
          bAt,
          init,
          initAt,
          add ? c : MicroTile.NOTHING,
          add ? scratch.cRows : MicroTile.NOTHING_ROWS,
          add ? row : 0,
          add ? cBase : 0,
          direct ? c : scratch.tile,
          direct ? scratch.cRows : scratch.lineTileRows,
          direct ? row : 0,
          direct ? cBase : 0);
      if (!direct) {
        int columns = VECTORS * LANES;
        MicroTile.move(scratch, covered, columns, columns, accumulate, c, row, cBase);
      }
    }
  }

  /**
   * One tile.
   *
   * @param aRows where rows {@code row ..} of a begin
   * @param shifts what each of the {@code segments} of the reduction, rows of the kernel, adds to
   *     it
   * @param length steps of one segment
   * @param b {@code [segments * length, 4 * LANES]} from {@code bAt}
   * @param init the bias or zeros
   * @param d c itself, or {@link MicroTile#NOTHING}, added at the end
   * @param cRows where rows {@code cRow ..} of c begin, less {@code cBase}
   */
  static void tile(
      float[] a,
      int[] aRows,
      int row,
      int[] shifts,
      int segments,
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
    FloatVector c0b = FloatVector.fromArray(FLOATS, init, initAt + LANES);
    FloatVector c0c = FloatVector.fromArray(FLOATS, init, initAt + 2 * LANES);
    FloatVector c0d = FloatVector.fromArray(FLOATS, init, initAt + 3 * LANES);
    FloatVector c1a = c0a;
    FloatVector c1b = c0b;
    FloatVector c1c = c0c;
    FloatVector c1d = c0d;
    FloatVector c2a = c0a;
    FloatVector c2b = c0b;
    FloatVector c2c = c0c;
    FloatVector c2d = c0d;
    FloatVector c3a = c0a;
    FloatVector c3b = c0b;
    FloatVector c3c = c0c;
    FloatVector c3d = c0d;
    FloatVector c4a = c0a;
    FloatVector c4b = c0b;
    FloatVector c4c = c0c;
    FloatVector c4d = c0d;
    FloatVector c5a = c0a;
    FloatVector c5b = c0b;
    FloatVector c5c = c0c;
    FloatVector c5d = c0d;
    int bPos = bAt;
    for (int segment = 0; segment < segments; segment++) {
      int shift = shifts[segment];
      int r0 = aRows[row] + shift;
      int r1 = aRows[row + 1] + shift;
      int r2 = aRows[row + 2] + shift;
      int r3 = aRows[row + 3] + shift;
      int r4 = aRows[row + 4] + shift;
      int r5 = aRows[row + 5] + shift;
      for (int p = 0; p < length; p++) {
        FloatVector ba = FloatVector.fromArray(FLOATS, b, bPos + p * (4 * LANES));
        FloatVector bb = FloatVector.fromArray(FLOATS, b, bPos + p * (4 * LANES) + LANES);
        FloatVector bc = FloatVector.fromArray(FLOATS, b, bPos + p * (4 * LANES) + 2 * LANES);
        FloatVector bd = FloatVector.fromArray(FLOATS, b, bPos + p * (4 * LANES) + 3 * LANES);
        FloatVector a0 = FloatVector.broadcast(FLOATS, a[r0 + p]);
        c0a = a0.fma(ba, c0a);
        c0b = a0.fma(bb, c0b);
        c0c = a0.fma(bc, c0c);
        c0d = a0.fma(bd, c0d);
        FloatVector a1 = FloatVector.broadcast(FLOATS, a[r1 + p]);
        c1a = a1.fma(ba, c1a);
        c1b = a1.fma(bb, c1b);
        c1c = a1.fma(bc, c1c);
        c1d = a1.fma(bd, c1d);
        FloatVector a2 = FloatVector.broadcast(FLOATS, a[r2 + p]);
        c2a = a2.fma(ba, c2a);
        c2b = a2.fma(bb, c2b);
        c2c = a2.fma(bc, c2c);
        c2d = a2.fma(bd, c2d);
        FloatVector a3 = FloatVector.broadcast(FLOATS, a[r3 + p]);
        c3a = a3.fma(ba, c3a);
        c3b = a3.fma(bb, c3b);
        c3c = a3.fma(bc, c3c);
        c3d = a3.fma(bd, c3d);
        FloatVector a4 = FloatVector.broadcast(FLOATS, a[r4 + p]);
        c4a = a4.fma(ba, c4a);
        c4b = a4.fma(bb, c4b);
        c4c = a4.fma(bc, c4c);
        c4d = a4.fma(bd, c4d);
        FloatVector a5 = FloatVector.broadcast(FLOATS, a[r5 + p]);
        c5a = a5.fma(ba, c5a);
        c5b = a5.fma(bb, c5b);
        c5c = a5.fma(bc, c5c);
        c5d = a5.fma(bd, c5d);
      }
      bPos += length * (4 * LANES);
    }
    c0a = c0a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase));
    c0b = c0b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase + LANES));
    c0c = c0c.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase + 2 * LANES));
    c0d = c0d.add(FloatVector.fromArray(FLOATS, d, dRows[dRow] + dBase + 3 * LANES));
    c1a = c1a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase));
    c1b = c1b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase + LANES));
    c1c = c1c.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase + 2 * LANES));
    c1d = c1d.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 1] + dBase + 3 * LANES));
    c2a = c2a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase));
    c2b = c2b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase + LANES));
    c2c = c2c.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase + 2 * LANES));
    c2d = c2d.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 2] + dBase + 3 * LANES));
    c3a = c3a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase));
    c3b = c3b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase + LANES));
    c3c = c3c.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase + 2 * LANES));
    c3d = c3d.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 3] + dBase + 3 * LANES));
    c4a = c4a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase));
    c4b = c4b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase + LANES));
    c4c = c4c.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase + 2 * LANES));
    c4d = c4d.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 4] + dBase + 3 * LANES));
    c5a = c5a.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase));
    c5b = c5b.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase + LANES));
    c5c = c5c.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase + 2 * LANES));
    c5d = c5d.add(FloatVector.fromArray(FLOATS, d, dRows[dRow + 5] + dBase + 3 * LANES));
    c0a.intoArray(c, cRows[cRow] + cBase);
    c0b.intoArray(c, cRows[cRow] + cBase + LANES);
    c0c.intoArray(c, cRows[cRow] + cBase + 2 * LANES);
    c0d.intoArray(c, cRows[cRow] + cBase + 3 * LANES);
    c1a.intoArray(c, cRows[cRow + 1] + cBase);
    c1b.intoArray(c, cRows[cRow + 1] + cBase + LANES);
    c1c.intoArray(c, cRows[cRow + 1] + cBase + 2 * LANES);
    c1d.intoArray(c, cRows[cRow + 1] + cBase + 3 * LANES);
    c2a.intoArray(c, cRows[cRow + 2] + cBase);
    c2b.intoArray(c, cRows[cRow + 2] + cBase + LANES);
    c2c.intoArray(c, cRows[cRow + 2] + cBase + 2 * LANES);
    c2d.intoArray(c, cRows[cRow + 2] + cBase + 3 * LANES);
    c3a.intoArray(c, cRows[cRow + 3] + cBase);
    c3b.intoArray(c, cRows[cRow + 3] + cBase + LANES);
    c3c.intoArray(c, cRows[cRow + 3] + cBase + 2 * LANES);
    c3d.intoArray(c, cRows[cRow + 3] + cBase + 3 * LANES);
    c4a.intoArray(c, cRows[cRow + 4] + cBase);
    c4b.intoArray(c, cRows[cRow + 4] + cBase + LANES);
    c4c.intoArray(c, cRows[cRow + 4] + cBase + 2 * LANES);
    c4d.intoArray(c, cRows[cRow + 4] + cBase + 3 * LANES);
    c5a.intoArray(c, cRows[cRow + 5] + cBase);
    c5b.intoArray(c, cRows[cRow + 5] + cBase + LANES);
    c5c.intoArray(c, cRows[cRow + 5] + cBase + 2 * LANES);
    c5d.intoArray(c, cRows[cRow + 5] + cBase + 3 * LANES);
  }
}
