// The left side of a product that lies transposed, as in the gradient of a weight.
package io.lethe.backend.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * {@code a [steps, rows]} of a product to so many columns: a register tile's rows are neighbours,
 * step after step.
 */
record GemmColumns(float[] a, int rows, int steps, int columns) implements GemmLeft {
  private static final int TILES = 4;

  @Override
  public int length(int block) {
    return PackerMatrix.start(block + 1, steps) - PackerMatrix.start(block, steps);
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    scratch.cRows = GemmRows.linearRows(scratch.cRows, rowFrom, rowTo, 0, columns);
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int first = PackerMatrix.start(block, steps);
    interleave(a, first * rows + rowFrom, rows, length(block), rowTo - rowFrom, scratch);
  }

  /** Packs {@code a [steps, stride]} from {@code at} on into {@code scratch.left}. */
  static void interleave(
      float[] a, int at, int stride, int steps, int rows, PackedScratch scratch) {
    int tall = MicroTile.ROWS;
    float[] out = scratch.reserveLeft(rows, steps);
    int whole = rows / tall;
    // A few tiles at once read whole lines, and do not yet push each other out of the cache.
    for (int tile = 0; tile < whole; tile += TILES) {
      int count = Math.min(TILES, whole - tile);
      for (int step = 0; step < steps; step++) {
        int from = at + step * stride + tile * tall;
        int to = tile * tall * steps + step * tall;
        for (int i = 0; i < count; i++) {
          copyTile(a, from + i * tall, out, to + i * tall * steps);
        }
      }
    }
    int covered = rows - whole * tall;
    for (int step = 0; covered > 0 && step < steps; step++) {
      int from = at + step * stride + whole * tall;
      int to = whole * tall * steps + step * tall;
      for (int i = 0; i < covered; i++) {
        out[to + i] = a[from + i];
      }
    }
  }

  private static void copyTile(float[] a, int from, float[] out, int to) {
    if (MicroTile.ROWS == 12) {
      FloatVector.fromArray(FloatVector.SPECIES_256, a, from).intoArray(out, to);
      FloatVector.fromArray(FloatVector.SPECIES_128, a, from + 8).intoArray(out, to + 8);
    } else {
      FloatVector.fromArray(FloatVector.SPECIES_128, a, from).intoArray(out, to);
      out[to + 4] = a[from + 4];
      out[to + 5] = a[from + 5];
    }
  }
}
