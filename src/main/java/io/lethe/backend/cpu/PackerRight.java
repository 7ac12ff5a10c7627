// The right side of a product as it is asked for: packed column panels of any stretch of the
// reduction.
package io.lethe.backend.cpu;

/**
 * What packs {@code b [steps, columns]}. The reduction is cut into blocks whose ends are a constant
 * of the shape, since they decide the order of the sums.
 *
 * <p>Panel j of a packed stretch holds its columns {@code j*LANES ..} as {@code [steps, LANES]} and
 * begins at {@code CacheLine.FIRST + j * LANES * steps}. Columns beyond the last hold anything,
 * since columns do not mix.
 */
interface PackerRight {
  int columns();

  /** How many blocks the reduction has. */
  int blocks();

  /**
   * How many panels are interleaved step by step, {@code [steps, group * LANES]}: those of a tile
   * that reads them as one stream.
   */
  default int group() {
    return 1;
  }

  /** The first step of a block; {@code start(blocks())} is the length of the reduction. */
  int start(int block);

  /**
   * Packs panels {@code panelFrom..panelTo - 1} of the blocks {@code from..to - 1} into {@code
   * out}.
   */
  void pack(int from, int to, int panelFrom, int panelTo, float[] out, PackedScratch scratch);
}
