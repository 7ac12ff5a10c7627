// The panels and tables that one worker reuses from call to call.
package io.lethe.backend.cpu;

import java.util.Arrays;

/** Grows to the largest call and stays there, so that the steady state allocates nothing. */
final class PackedScratch {
  /** Rows of a: copied, banded or interleaved. */
  float[] left = {};

  /** Columns of b, where a task packs its own. */
  float[] right = {};

  /** A block of c that is not in its final layout. */
  float[] block = {};

  /** A run of a weight on its way into a panel. */
  float[] run = {};

  /** Where each row of a begins in {@link #left} (or in a itself), and each row of c in c. */
  int[] aRows = {};

  int[] cRows = {};

  /** What each segment of the reduction adds to {@link #aRows}. */
  int[] shifts = {};

  /** Where each step of a transposed run goes. */
  int[] stepRows = {};

  /** A square of lanes in transposition. */
  final float[] square = new float[VectorSpecies.LANES * VectorSpecies.LANES];

  /** The last panel's bias with its padding. */
  final float[] init = new float[MicroTile.COLUMNS];

  /** A tile of c at an edge. */
  final float[] tile = new float[MicroTile.ROWS * MicroTile.COLUMNS];

  final int[] tileRows = new int[MicroTile.ROWS];
  final PackerReader reader = new PackerReader();

  PackedScratch() {
    for (int i = 0; i < MicroTile.ROWS; i++) {
      tileRows[i] = i * MicroTile.COLUMNS;
    }
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
