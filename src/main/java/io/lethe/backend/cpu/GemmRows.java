// The left side of a product whose rows lie as rows.
package io.lethe.backend.cpu;

/** {@code a [rows, steps]} of a product to so many columns, transposed tile by tile. */
record GemmRows(float[] a, int rows, int steps, int columns) implements GemmLeft {
  @Override
  public int length(int block) {
    return PackerMatrix.start(block + 1, steps) - PackerMatrix.start(block, steps);
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    scratch.cRows = linearRows(scratch.cRows, rowFrom, rowTo, 0, columns);
  }

  /** Where rows of a matrix begin. */
  static int[] linearRows(int[] table, int rowFrom, int rowTo, int at, int stride) {
    int[] rows = PackedScratch.atLeast(table, rowTo - rowFrom);
    for (int row = rowFrom; row < rowTo; row++) {
      rows[row - rowFrom] = at + row * stride;
    }
    return rows;
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int length = length(block);
    int from = PackerMatrix.start(block, steps);
    float[] left = scratch.reserveLeft(rowTo - rowFrom, length);
    int[] stepRows = scratch.reserveSteps(length, MicroTile.ROWS);
    for (int row = rowFrom; row < rowTo; row += MicroTile.ROWS) {
      PackerTranspose.transpose(
          a,
          from + row * steps,
          steps,
          Math.min(MicroTile.ROWS, rowTo - row),
          MicroTile.ROWS,
          length,
          scratch.square,
          left,
          (row - rowFrom) * length,
          stepRows);
    }
  }
}
