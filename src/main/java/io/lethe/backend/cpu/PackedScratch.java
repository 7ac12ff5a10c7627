// The panels and tables that one worker reuses from call to call.
package io.lethe.backend.cpu;

import java.util.Arrays;

/** Grows to the largest call and stays there, so that the steady state allocates nothing. */
final class PackedScratch {
  /** Rows of a, packed for the register tiles. */
  float[] left = {};

  /** Lines of a picture on their way into {@link #left}. */
  float[] band = {};

  /** Columns of b, where a task packs its own. */
  float[] right = {};

  /** A block of c that is not in its final layout. */
  float[] block = {};

  /** A run of a weight on its way into a panel. */
  float[] run = {};

  /** Where each row of c begins. */
  int[] cRows = {};

  /** Where each row of a begins in {@link #band}, and what each row of a kernel adds to that. */
  int[] aRows = {};

  int[] shifts = {};

  /** Where in {@link #band} the window of each line of the target begins. */
  int[] bandLines = {};

  /** Where each step of what is transposed goes. */
  int[] stepRows = {};

  /** A square of lanes in transposition. */
  final float[] square = new float[VectorSpecies.LANES * VectorSpecies.LANES];

  /** The last panel's bias with its padding. */
  final float[] init = new float[MicroTile.COLUMNS];

  /** A tile of c at an edge. */
  final float[] tile =
      new float
          [Math.max(
              MicroTile.ROWS * MicroTile.COLUMNS,
              MicroLines6.ROWS * MicroLines6.VECTORS * VectorSpecies.LANES)];

  final int[] tileRows = new int[MicroTile.ROWS];

  /** The same for the wider tiles of {@link MicroLines6}. */
  final int[] lineTileRows = new int[MicroLines6.ROWS];

  final PackerReader reader = new PackerReader();

  PackedScratch() {
    for (int i = 0; i < MicroTile.ROWS; i++) {
      tileRows[i] = i * MicroTile.COLUMNS;
    }
    for (int i = 0; i < MicroLines6.ROWS; i++) {
      lineTileRows[i] = i * MicroLines6.VECTORS * VectorSpecies.LANES;
    }
  }

  /**
   * Room in {@link #left} for tiles of so many rows, and for a vector that is stored under a mask
   * at their end.
   */
  float[] reserveLeft(int rows, int steps) {
    int floats = MicroTile.tiles(rows) * MicroTile.ROWS * steps + VectorSpecies.LANES;
    left = atLeast(left, floats);
    return left;
  }

  /** {@link #stepRows} at a constant distance from each other. */
  int[] reserveSteps(int steps, int distance) {
    stepRows = GemmRows.linearRows(stepRows, 0, steps, 0, distance);
    return stepRows;
  }

  /** One for each thread of a pool. */
  static PackedScratch[] of(WorkerPool pool) {
    PackedScratch[] scratch = new PackedScratch[pool.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new PackedScratch();
    }
    return scratch;
  }

  static float[] atLeast(float[] array, int length) {
    return array.length >= length ? array : new float[grown(array.length, length)];
  }

  static int[] atLeast(int[] array, int length) {
    return array.length >= length ? array : new int[grown(array.length, length)];
  }

  /** As {@link #atLeast}, with the contents kept. */
  static float[] kept(float[] array, int length) {
    return array.length >= length ? array : Arrays.copyOf(array, grown(array.length, length));
  }

  private static int grown(int now, int wanted) {
    return Math.max(wanted, (int) Math.min(now + (now >> 1) + 64L, Integer.MAX_VALUE - 8));
  }
}
