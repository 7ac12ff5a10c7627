// The shape of a register tile at this vector width, and the sweep of one packed panel over all
// rows.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.LANES;

/**
 * 12 x 32 at 512 bits (24 accumulators of 32 registers), 6 x 16 at 256 and 6 x 8 at 128 (12 of 16).
 *
 * <p>Whole tiles are written straight into c. The last rows use tiles of a third of the height, the
 * last columns tiles of half the width, and what is narrower still goes through a small buffer, so
 * that the innermost loops have no tails. An element of c is summed in the same order by every
 * form.
 */
final class MicroTile {
  static final int ROWS = LANES == 16 ? 12 : 6;
  static final int FEW = ROWS / 3;
  static final int COLUMNS = 2 * LANES;

  /** What an unbiased sum starts from. */
  static final float[] ZEROS = new float[COLUMNS];

  private static final boolean TALL = ROWS == 12;

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
   * {@code c[rows, columns] = init + a b [+ c]} for one panel b, a read by rows; arguments as in
   * {@link MicroRows12}. The table {@code aRows} must have {@link #ROWS} readable entries from any
   * row on, so it repeats its last entry beyond the end.
   */
  static void sweepRows(
      PackedScratch scratch,
      int rows,
      int columns,
      float[] a,
      int[] aRows,
      int aBase,
      int[] shifts,
      int segments,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int[] cRows,
      int cBase) {
    boolean narrow = columns <= LANES;
    boolean whole = columns == COLUMNS || columns == LANES;
    float[] tile = scratch.tile;
    int[] tileRows = scratch.tileRows;
    int row = 0;
    while (row < rows) {
      int left = rows - row;
      boolean few = left <= 2 * FEW;
      int height = few ? FEW : ROWS;
      boolean direct = whole && left >= height;
      // The tables of c are read from the same row on as those of a, so an edge tile gets a's base.
      float[] target = direct ? c : tile;
      int[] targetRows = direct ? cRows : tileRows;
      int targetRow = direct ? row : 0;
      int targetBase = direct ? cBase : 0;
      boolean add = direct && accumulate;
      if (TALL) {
        if (narrow) {
          if (few) {
            MicroRows12.narrowFew(
                a,
                aRows,
                row,
                aBase,
                shifts,
                segments,
                length,
                b,
                bAt,
                init,
                initAt,
                add,
                target,
                targetRows,
                targetRow,
                targetBase);
          } else {
            MicroRows12.narrow(
                a,
                aRows,
                row,
                aBase,
                shifts,
                segments,
                length,
                b,
                bAt,
                init,
                initAt,
                add,
                target,
                targetRows,
                targetRow,
                targetBase);
          }
        } else if (few) {
          MicroRows12.wideFew(
              a,
              aRows,
              row,
              aBase,
              shifts,
              segments,
              length,
              b,
              bAt,
              init,
              initAt,
              add,
              target,
              targetRows,
              targetRow,
              targetBase);
        } else {
          MicroRows12.wide(
              a,
              aRows,
              row,
              aBase,
              shifts,
              segments,
              length,
              b,
              bAt,
              init,
              initAt,
              add,
              target,
              targetRows,
              targetRow,
              targetBase);
        }
      } else if (narrow) {
        if (few) {
          MicroRows6.narrowFew(
              a,
              aRows,
              row,
              aBase,
              shifts,
              segments,
              length,
              b,
              bAt,
              init,
              initAt,
              add,
              target,
              targetRows,
              targetRow,
              targetBase);
        } else {
          MicroRows6.narrow(
              a,
              aRows,
              row,
              aBase,
              shifts,
              segments,
              length,
              b,
              bAt,
              init,
              initAt,
              add,
              target,
              targetRows,
              targetRow,
              targetBase);
        }
      } else if (few) {
        MicroRows6.wideFew(
            a,
            aRows,
            row,
            aBase,
            shifts,
            segments,
            length,
            b,
            bAt,
            init,
            initAt,
            add,
            target,
            targetRows,
            targetRow,
            targetBase);
      } else {
        MicroRows6.wide(
            a,
            aRows,
            row,
            aBase,
            shifts,
            segments,
            length,
            b,
            bAt,
            init,
            initAt,
            add,
            target,
            targetRows,
            targetRow,
            targetBase);
      }
      if (!direct) {
        moveEdge(tile, Math.min(left, height), columns, accumulate, c, cRows, row, cBase);
      }
      row += height;
    }
  }

  /**
   * The same for a packed as {@code [length, ROWS]} panels one after the other from {@code aAt};
   * rows beyond the end hold anything finite.
   */
  static void sweepColumns(
      PackedScratch scratch,
      int rows,
      int columns,
      float[] a,
      int aAt,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int[] cRows,
      int cBase) {
    boolean narrow = columns <= LANES;
    boolean whole = columns == COLUMNS || columns == LANES;
    float[] tile = scratch.tile;
    int[] tileRows = scratch.tileRows;
    int row = 0;
    while (row < rows) {
      int left = rows - row;
      boolean few = left <= 2 * FEW;
      int height = few ? FEW : ROWS;
      boolean direct = whole && left >= height;
      float[] target = direct ? c : tile;
      int[] targetRows = direct ? cRows : tileRows;
      int targetRow = direct ? row : 0;
      int targetBase = direct ? cBase : 0;
      boolean add = direct && accumulate;
      int panel = row / ROWS;
      int at = aAt + panel * ROWS * length + (row - panel * ROWS);
      if (TALL) {
        if (narrow) {
          if (few) {
            MicroColumns12.narrowFew(
                a,
                at,
                length,
                b,
                bAt,
                init,
                initAt,
                add,
                target,
                targetRows,
                targetRow,
                targetBase);
          } else {
            MicroColumns12.narrow(
                a,
                at,
                length,
                b,
                bAt,
                init,
                initAt,
                add,
                target,
                targetRows,
                targetRow,
                targetBase);
          }
        } else if (few) {
          MicroColumns12.wideFew(
              a, at, length, b, bAt, init, initAt, add, target, targetRows, targetRow, targetBase);
        } else {
          MicroColumns12.wide(
              a, at, length, b, bAt, init, initAt, add, target, targetRows, targetRow, targetBase);
        }
      } else if (narrow) {
        if (few) {
          MicroColumns6.narrowFew(
              a, at, length, b, bAt, init, initAt, add, target, targetRows, targetRow, targetBase);
        } else {
          MicroColumns6.narrow(
              a, at, length, b, bAt, init, initAt, add, target, targetRows, targetRow, targetBase);
        }
      } else if (few) {
        MicroColumns6.wideFew(
            a, at, length, b, bAt, init, initAt, add, target, targetRows, targetRow, targetBase);
      } else {
        MicroColumns6.wide(
            a, at, length, b, bAt, init, initAt, add, target, targetRows, targetRow, targetBase);
      }
      if (!direct) {
        moveEdge(tile, Math.min(left, height), columns, accumulate, c, cRows, row, cBase);
      }
      row += height;
    }
  }

  private static void moveEdge(
      float[] tile,
      int rows,
      int columns,
      boolean accumulate,
      float[] c,
      int[] cRows,
      int row,
      int cBase) {
    for (int i = 0; i < rows; i++) {
      int from = i * COLUMNS;
      int to = cRows[row + i] + cBase;
      if (accumulate) {
        for (int j = 0; j < columns; j++) {
          c[to + j] = tile[from + j] + c[to + j];
        }
      } else {
        System.arraycopy(tile, from, c, to, columns);
      }
    }
  }
}
