// The left side of a product as one task needs it: some rows, one block of the reduction at a time.
package io.lethe.backend.cpu;

/**
 * What packs rows of {@code a} for the register tiles: {@code [tiles, length, ROWS]}, the rows of
 * one tile side by side, step after step ({@link GemmLines} and {@link ConvLines} have tiles of
 * their own). One object serves all threads, so what a task is doing lives in its scratch.
 */
interface GemmLeft {
  /** Rows of the product. */
  int rows();

  /** Steps of a block. */
  int length(int block);

  /** Fills {@code scratch.cRows}: where each of the rows begins in c. */
  void begin(int rowFrom, int rowTo, PackedScratch scratch);

  /**
   * Packs one block into {@code scratch.left}; rows beyond the last tile's end are left as they
   * are.
   *
   * @param rowFrom a multiple of {@link MicroTile#ROWS}
   */
  void block(int block, int rowFrom, int rowTo, PackedScratch scratch);

  /** Floats that {@link #block} lays out for {@link MicroTile#ROWS} rows. */
  default int tileFloats(int block) {
    return MicroTile.ROWS * length(block);
  }

  /** Columns of a register tile. */
  default int tileColumns() {
    return MicroTile.COLUMNS;
  }

  /**
   * How many rows are swept over all columns before the next ones are: all, so that a panel is read
   * once.
   *
   * @param panelsStay whether all panels stay in the second cache
   */
  default int portion(int rows, boolean panelsStay) {
    return rows;
  }

  /**
   * The product of rows {@code rowFrom..rowTo - 1} of the block with one tile's columns; arguments
   * as in {@link MicroTile#sweep}.
   *
   * @param rowFrom from the task's first row; begins a tile
   */
  default void sweep(
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
    MicroTile.sweep(
        scratch, rowFrom, rowTo, columns, steps, b, bAt, bNext, init, initAt, accumulate, c, cBase);
  }
}
