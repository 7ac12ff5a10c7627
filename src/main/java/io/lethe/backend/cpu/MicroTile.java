// The shape of a register tile at this vector width, and the sweep of one packed panel over all
// rows.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * 8 x 32 at 512 bits (16 accumulators of 32 registers), 6 x 16 at 256 and 6 x 8 at 128 (12 of 16).
 *
 * <p>Whole tiles of a first sum are written straight into c. All others, at an edge or to be added
 * to c, are computed in a small buffer and moved from there, so that the innermost loops have no
 * tails and no branches. An element of c is summed in the same order either way.
 */
final class MicroTile {
  static final int ROWS = LANES == 16 ? 8 : 6;
  static final int COLUMNS = 2 * LANES;

  /** What an unbiased sum starts from. */
  static final float[] ZEROS = new float[COLUMNS];

  private MicroTile() {}

  /** How many panels of {@link #COLUMNS} cover so many columns. */
  static int panels(int columns) {
    return (columns + COLUMNS - 1) / COLUMNS;
  }

  /** Width of a panel that covers so many columns: a last panel of half the width is packed so. */
  static int width(int columns) {
    return columns <= LANES ? LANES : COLUMNS;
  }

  /** Floats of the packed form of {@code steps} rows of {@code columns}. */
  static long packedSize(long steps, int columns) {
    int whole = columns / COLUMNS;
    int rest = columns - whole * COLUMNS;
    return steps * ((long) whole * COLUMNS + (rest == 0 ? 0 : width(rest)));
  }

  /**
   * {@code c[rows, columns] = init + a b [+ c]} for one panel b, with a read by rows from {@code
   * scratch.left}. The table {@code scratch.aRows} has {@link #ROWS} readable entries from any row
   * on: it repeats its last entry beyond the end.
   */
  static void sweepRows(
      PackedScratch scratch,
      int rows,
      int columns,
      int segments,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    float[] a = scratch.left;
    int[] aRows = scratch.aRows;
    int[] shifts = scratch.shifts;
    boolean narrow = columns <= LANES;
    boolean whole = !accumulate && (columns == COLUMNS || columns == LANES);
    for (int row = 0; row < rows; row += ROWS) {
      int covered = Math.min(ROWS, rows - row);
      boolean direct = whole && covered == ROWS;
      float[] out = direct ? c : scratch.tile;
      int[] outRows = direct ? scratch.cRows : scratch.tileRows;
      int outRow = direct ? row : 0;
      int outBase = direct ? cBase : 0;
      if (ROWS == 8) {
        if (narrow) {
          MicroRows8.narrow(
              a, aRows, row, shifts, segments, length, b, bAt, init, initAt, out, outRows, outRow,
              outBase);
        } else {
          MicroRows8.wide(
              a, aRows, row, shifts, segments, length, b, bAt, init, initAt, out, outRows, outRow,
              outBase);
        }
      } else if (narrow) {
        MicroRows6.narrow(
            a, aRows, row, shifts, segments, length, b, bAt, init, initAt, out, outRows, outRow,
            outBase);
      } else {
        MicroRows6.wide(
            a, aRows, row, shifts, segments, length, b, bAt, init, initAt, out, outRows, outRow,
            outBase);
      }
      if (!direct) {
        move(scratch, covered, columns, accumulate, c, row, cBase);
      }
    }
  }

  /**
   * The same for a packed in {@code scratch.left} as {@code [length, ROWS]} tiles one after the
   * other; rows beyond the end hold anything finite.
   */
  static void sweepColumns(
      PackedScratch scratch,
      int rows,
      int columns,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    float[] a = scratch.left;
    boolean narrow = columns <= LANES;
    boolean whole = !accumulate && (columns == COLUMNS || columns == LANES);
    for (int row = 0; row < rows; row += ROWS) {
      int covered = Math.min(ROWS, rows - row);
      boolean direct = whole && covered == ROWS;
      float[] out = direct ? c : scratch.tile;
      int[] outRows = direct ? scratch.cRows : scratch.tileRows;
      int outRow = direct ? row : 0;
      int outBase = direct ? cBase : 0;
      int at = row * length;
      if (ROWS == 8) {
        if (narrow) {
          MicroColumns8.narrow(a, at, length, b, bAt, init, initAt, out, outRows, outRow, outBase);
        } else {
          MicroColumns8.wide(a, at, length, b, bAt, init, initAt, out, outRows, outRow, outBase);
        }
      } else if (narrow) {
        MicroColumns6.narrow(a, at, length, b, bAt, init, initAt, out, outRows, outRow, outBase);
      } else {
        MicroColumns6.wide(a, at, length, b, bAt, init, initAt, out, outRows, outRow, outBase);
      }
      if (!direct) {
        move(scratch, covered, columns, accumulate, c, row, cBase);
      }
    }
  }

  /** Copies or adds the small buffer to c. */
  private static void move(
      PackedScratch scratch,
      int rows,
      int columns,
      boolean accumulate,
      float[] c,
      int row,
      int cBase) {
    float[] tile = scratch.tile;
    int bound = FLOATS.loopBound(columns);
    for (int i = 0; i < rows; i++) {
      int from = i * COLUMNS;
      int to = scratch.cRows[row + i] + cBase;
      if (!accumulate) {
        System.arraycopy(tile, from, c, to, columns);
        continue;
      }
      for (int j = 0; j < bound; j += LANES) {
        FloatVector.fromArray(FLOATS, tile, from + j)
            .add(FloatVector.fromArray(FLOATS, c, to + j))
            .intoArray(c, to + j);
      }
      for (int j = bound; j < columns; j++) {
        c[to + j] = tile[from + j] + c[to + j];
      }
    }
  }
}
