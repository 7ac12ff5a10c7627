// The left side of a product to few columns: rows are read where they lie.
package io.lethe.backend.cpu;

import java.util.Arrays;

/**
 * {@code a [rows, steps]} of a product to so many columns, for {@link MicroLines6}. Where few of
 * them share it, packing would cost more than that loop loses.
 */
record GemmLines(float[] a, int rows, int steps, int columns) implements GemmLeft {
  /** With more columns the packing is shared by enough of them. */
  private static final int MOST_COLUMNS = 512;

  /** Below so many multiply-adds a second loop to compile costs more than it saves. */
  private static final long LEAST_STEPS = 1L << 28;

  /** Whether a product is computed this way. */
  static boolean suits(int rows, int columns, int steps) {
    return MicroLines6.suits(columns)
        && columns <= MOST_COLUMNS
        && (long) rows * columns * steps >= LEAST_STEPS;
  }

  @Override
  public int length(int block) {
    return PackerMatrix.start(block + 1, steps) - PackerMatrix.start(block, steps);
  }

  @Override
  public int tileColumns() {
    return MicroLines6.VECTORS * VectorSpecies.LANES;
  }

  /** One tile's, where that is not dear: what lies in memory is then read as one stream. */
  @Override
  public int portion(int rows, boolean panelsStay) {
    return panelsStay ? MicroLines6.ROWS : rows;
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    scratch.cRows = GemmRows.linearRows(scratch.cRows, rowFrom, rowTo, 0, columns);
    int count = rowTo - rowFrom;
    int[] lines = PackedScratch.atLeast(scratch.aRows, count + MicroLines6.ROWS);
    scratch.aRows = GemmRows.linearRows(lines, rowFrom, rowTo, 0, steps);
    // Rows beyond the last read what it reads.
    Arrays.fill(lines, count, count + MicroLines6.ROWS, lines[count - 1]);
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    scratch.shifts = PackedScratch.atLeast(scratch.shifts, 1);
    scratch.shifts[0] = PackerMatrix.start(block, steps);
  }

  @Override
  public void sweep(
      PackedScratch scratch,
      int rowFrom,
      int rowTo,
      int columns,
      int steps,
      float[] b,
      int bAt,
      int bNext,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    MicroLines6.sweep(
        scratch, a, rowFrom, rowTo, 1, steps, b, bAt, init, initAt, accumulate, c, cBase);
  }
}
