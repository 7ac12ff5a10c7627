// The left side of a product as one task needs it: some rows, one block of the reduction at a time.
package io.lethe.backend.cpu;

/**
 * What packs rows of {@code a} for the register tiles: {@code [tiles, length, ROWS]}, the rows of
 * one tile side by side, step after step. One object serves all threads, so what a task is doing
 * lives in its scratch.
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
}
