// The left side of a product as one task needs it: some rows, one block of the reduction at a time.
package io.lethe.backend.cpu;

/**
 * What lays rows of {@code a} out for the register tiles. One object serves all threads, so what a
 * task is doing lives in its scratch.
 */
interface GemmLeft {
  /** Rows of the product. */
  int rows();

  /** Rows that stay together when the product is cut: a register tile's, or a picture's line. */
  int unit();

  /** Floats that {@link #block} lays out for one unit. */
  int unitFloats();

  /** Whether blocks are laid out step by step ({@link MicroColumns8}) and not row by row. */
  boolean interleaved();

  /**
   * Fills {@code scratch.cRows}, and {@code scratch.aRows} where they are the same for all blocks.
   */
  void begin(int rowFrom, int rowTo, PackedScratch scratch);

  /**
   * Lays out one block into {@code scratch.left}, with {@code scratch.aRows} and shifts to match.
   */
  void block(int block, int rowFrom, int rowTo, PackedScratch scratch);

  /** Stretches that a row of the block is made of; their shifts are in {@code scratch.shifts}. */
  int segments();

  /** Steps of one stretch of this block. */
  int length(int block);
}
