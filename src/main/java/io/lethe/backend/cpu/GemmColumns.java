// The left side of a product that lies transposed, as in the gradient of a weight.
package io.lethe.backend.cpu;

/**
 * {@code a} stored {@code [steps, rows]}: a register tile's rows are neighbours, step after step.
 */
record GemmColumns(float[] a, int at, int stride, int rows, int steps, int cAt, int cStride)
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
    for (int tile = 0; tile < tiles; tile++) {
      int covered = Math.min(tall, rows - tile * tall);
      int from = at + rowFrom + tile * tall;
      int to = tile * tall * steps;
      for (int step = 0; step < steps; step++) {
        for (int i = 0; i < covered; i++) {
          out[to + i] = a[from + i];
        }
        for (int i = covered; i < tall; i++) {
          out[to + i] = 0f;
        }
        from += stride;
        to += tall;
      }
    }
    return out;
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
