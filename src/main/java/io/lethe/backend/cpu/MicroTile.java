// The shape of a register tile at this vector width, and the sweep of packed panels over all rows.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * 12 x 32 at 512 bits (24 accumulators of 32 registers), 6 x 16 at 256 and 6 x 8 at 128 (12 of 16).
 *
 * <p>Whole tiles go straight into c. Tiles at an edge are computed in a small buffer and moved from
 * there, so that the innermost loops have no tails and no branches. An element of c is summed in
 * the same order either way.
 */
final class MicroTile {
  static final int ROWS = LANES == 16 ? 12 : 6;
  static final int COLUMNS = 2 * LANES;

  /** Multiply-adds a nanosecond of one core, to judge whether a second thread pays. */
  static final long STEPS_PER_NANO = 50;

  /** What an unbiased sum starts from. */
  static final float[] ZEROS = new float[Math.max(COLUMNS, MicroLines6.VECTORS * LANES)];

  /** Added to a sum, changes nothing: only a negative zero leaves either zero as it is. */
  static final float[] NOTHING = new float[ZEROS.length];

  /** Where the rows of {@link #NOTHING} begin. */
  static final int[] NOTHING_ROWS = new int[Math.max(ROWS, MicroLines6.ROWS)];

  static {
    Arrays.fill(NOTHING, -0f);
  }

  private MicroTile() {}

  /** How many tiles cover so many rows. */
  static int tiles(int rows) {
    return (rows + ROWS - 1) / ROWS;
  }

  /** How many panels of LANES columns cover so many. */
  static int panels(int columns) {
    return (columns + LANES - 1) / LANES;
  }

  /**
   * Floats of the packed form of {@code steps} rows of {@code columns}, and of what lies before it.
   */
  static long packedSize(long steps, int columns) {
    return CacheLine.FIRST + steps * LANES * panels(columns);
  }

  /**
   * {@code c[rows, columns] = init + a b [+ c]} for one or two panels b and a packed in {@code
   * scratch.left} as {@code [length, ROWS]} tiles one after the other; rows beyond the end hold
   * anything.
   *
   * @param rowFrom begins a tile; the product is of rows {@code rowFrom..rowTo - 1}
   * @param columns up to {@link #COLUMNS}
   * @param bNext where the second panel begins, if there is one
   */
  static void sweep(
      PackedScratch scratch,
      int rowFrom,
      int rowTo,
      int columns,
      int length,
      float[] b,
      int bAt,
      int bNext,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    sweep(
        scratch,
        scratch.left,
        rowFrom * length,
        ROWS * length,
        ROWS,
        rowFrom,
        rowTo,
        columns,
        length,
        b,
        bAt,
        bNext,
        init,
        initAt,
        accumulate,
        c,
        cBase);
  }

  /**
   * The same for rows of an {@code a} that lies anywhere.
   *
   * @param aAt where row {@code rowFrom} begins
   * @param aTile from one tile to the next
   * @param aStride from one step of a tile to the next
   */
  static void sweep(
      PackedScratch scratch,
      float[] a,
      int aAt,
      int aTile,
      int aStride,
      int rowFrom,
      int rowTo,
      int columns,
      int length,
      float[] b,
      int bAt,
      int bNext,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    boolean narrow = columns <= LANES;
    boolean whole = columns == COLUMNS || columns == LANES;
    for (int row = rowFrom; row < rowTo; row += ROWS) {
      int covered = Math.min(ROWS, rowTo - row);
      int at = aAt + (row - rowFrom) / ROWS * aTile;
      if (ROWS == 12 && columns == COLUMNS && (covered == 4 || covered == 8)) {
        for (int i = 0; i < covered; i += 4) {
          MicroRows4.wide(
              a,
              at + i,
              aStride,
              length,
              b,
              bAt,
              bNext,
              init,
              initAt,
              accumulate ? c : NOTHING,
              accumulate ? scratch.cRows : NOTHING_ROWS,
              accumulate ? row + i : 0,
              accumulate ? cBase : 0,
              c,
              scratch.cRows,
              row + i,
              cBase);
        }
        continue;
      }
      boolean direct = whole && covered == ROWS;
      boolean add = direct && accumulate;
      float[] out = direct ? c : scratch.tile;
      int[] outRows = direct ? scratch.cRows : scratch.tileRows;
      int outRow = direct ? row : 0;
      int outBase = direct ? cBase : 0;
      float[] d = add ? c : NOTHING;
      int[] dRows = add ? outRows : NOTHING_ROWS;
      int dRow = add ? outRow : 0;
      int dBase = add ? outBase : 0;
      tile(
          narrow, a, at, aStride, length, b, bAt, bNext, init, initAt, d, dRows, dRow, dBase, out,
          outRows, outRow, outBase);
      if (!direct) {
        move(scratch, covered, columns, COLUMNS, accumulate, c, row, cBase);
      }
    }
  }

  /**
   * One whole tile, by the kernel of this vector width; arguments as in {@link MicroRows12}.
   *
   * @param narrow whether the second panel is left out
   */
  static void tile(
      boolean narrow,
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
    if (ROWS == 12) {
      if (narrow) {
        MicroRows12.narrow(
            a, aAt, aStride, length, b, bAt, init, initAt, d, dRows, dRow, dBase, c, cRows, cRow,
            cBase);
      } else {
        MicroRows12.wide(
            a, aAt, aStride, length, b, bAt, bNext, init, initAt, d, dRows, dRow, dBase, c, cRows,
            cRow, cBase);
      }
    } else if (narrow) {
      MicroRows6.narrow(
          a, aAt, aStride, length, b, bAt, init, initAt, d, dRows, dRow, dBase, c, cRows, cRow,
          cBase);
    } else {
      MicroRows6.wide(
          a, aAt, aStride, length, b, bAt, bNext, init, initAt, d, dRows, dRow, dBase, c, cRows,
          cRow, cBase);
    }
  }

  /** Copies or adds the small buffer, {@code [rows, width]}, to c. */
  static void move(
      PackedScratch scratch,
      int rows,
      int columns,
      int width,
      boolean accumulate,
      float[] c,
      int row,
      int cBase) {
    float[] tile = scratch.tile;
    int bound = FLOATS.loopBound(columns);
    for (int i = 0; i < rows; i++) {
      int from = i * width;
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
