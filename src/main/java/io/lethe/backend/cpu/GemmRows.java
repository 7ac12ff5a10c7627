// The left side of a product whose rows lie as rows.
package io.lethe.backend.cpu;

/**
 * {@code a [rows, steps]} with {@code stride} from row to row. Each block is copied next to each
 * other, since rows that lie a power of two apart would share a few lines of the cache.
 */
record GemmRows(float[] a, int at, int stride, int rows, int steps, int cAt, int cStride)
    implements GemmLeft {
  @Override
  public int unit() {
    return MicroTile.ROWS;
  }

  @Override
  public int unitFloats() {
    return MicroTile.ROWS * Math.min(steps, PackerMatrix.BLOCK);
  }

  @Override
  public boolean interleaved() {
    return false;
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    int count = rowTo - rowFrom;
    scratch.aRows = PackedScratch.atLeast(scratch.aRows, count + MicroTile.ROWS);
    scratch.shifts = PackedScratch.atLeast(scratch.shifts, 1);
    scratch.shifts[0] = 0;
    scratch.cRows = linearRows(scratch.cRows, rowFrom, rowTo, cAt, cStride);
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
    int first = PackerMatrix.start(block, steps);
    int length = length(block);
    int count = rowTo - rowFrom;
    float[] left = scratch.left = PackedScratch.atLeast(scratch.left, count * length);
    int[] aRows = scratch.aRows;
    for (int row = 0; row < count; row++) {
      System.arraycopy(a, at + (rowFrom + row) * stride + first, left, row * length, length);
      aRows[row] = row * length;
    }
    for (int row = count; row < count + MicroTile.ROWS; row++) {
      aRows[row] = aRows[count - 1];
    }
  }

  @Override
  public int segments() {
    return 1;
  }

  @Override
  public int length(int block) {
    return PackerMatrix.start(block + 1, steps) - PackerMatrix.start(block, steps);
  }
}
