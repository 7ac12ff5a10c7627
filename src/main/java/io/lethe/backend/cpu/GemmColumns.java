// The left side of a product that lies transposed, as in the gradient of a weight.
package io.lethe.backend.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * {@code a} stored {@code [steps, rows]}: a register tile's rows are neighbours, step after step.
 */
record GemmColumns(float[] a, int at, int stride, int rows, int steps, int cAt, int cStride)
    implements GemmLeft {
  private static final int TILES = 4;

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
    return true;
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    scratch.cRows = GemmRows.linearRows(scratch.cRows, rowFrom, rowTo, cAt, cStride);
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int first = PackerMatrix.start(block, steps);
    scratch.left =
        interleave(
            a, at + first * stride, stride, length(block), rowFrom, rowTo - rowFrom, scratch.left);
  }

  /**
   * Packs {@code a [steps, stride]} into {@code [tiles, steps, ROWS]}; the last tile's missing rows
   * are zeros.
   */
  static float[] interleave(
      float[] a, int at, int stride, int steps, int rowFrom, int rows, float[] reused) {
    int tall = MicroTile.ROWS;
    int tiles = (rows + tall - 1) / tall;
    float[] out = PackedScratch.atLeast(reused, tiles * tall * steps);
    int whole = rows / tall;
    // A few tiles at once read whole lines, and do not yet push each other out of the cache.
    for (int tile = 0; tile < whole; tile += TILES) {
      int count = Math.min(TILES, whole - tile);
      for (int step = 0; step < steps; step++) {
        int from = at + step * stride + rowFrom + tile * tall;
        int to = tile * tall * steps + step * tall;
        for (int i = 0; i < count; i++) {
          copyTile(a, from + i * tall, out, to + i * tall * steps);
        }
      }
    }
    if (whole < tiles) {
      int covered = rows - whole * tall;
      for (int step = 0; step < steps; step++) {
        int from = at + step * stride + rowFrom + whole * tall;
        int to = whole * tall * steps + step * tall;
        for (int i = 0; i < tall; i++) {
          out[to + i] = i < covered ? a[from + i] : 0f;
        }
      }
    }
    return out;
  }

  private static void copyTile(float[] a, int from, float[] out, int to) {
    if (MicroTile.ROWS == 8) {
      FloatVector.fromArray(FloatVector.SPECIES_256, a, from).intoArray(out, to);
    } else {
      FloatVector.fromArray(FloatVector.SPECIES_128, a, from).intoArray(out, to);
      out[to + 4] = a[from + 4];
      out[to + 5] = a[from + 5];
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
