// Packs a matrix, stored either way round, into column panels.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;

/**
 * {@code b [steps, columns]} of a matrix product.
 *
 * @param source compute memory or a mapped weight
 * @param at where the matrix begins
 * @param stride elements from one stored row to the next
 * @param transposed stored {@code [columns, steps]}, as a linear layer's weight is
 */
record PackerMatrix(Buffer source, int at, int stride, boolean transposed, int steps, int columns)
    implements PackerRight {
  /** Steps of one block: a panel of 32 columns then takes 32 KB. */
  static final int BLOCK = 256;

  @Override
  public int blocks() {
    return blocks(steps);
  }

  @Override
  public int start(int block) {
    return start(block, steps);
  }

  /** Blocks of a reduction, all about as long as each other. */
  static int blocks(int steps) {
    return (steps + BLOCK - 1) / BLOCK;
  }

  static int start(int block, int steps) {
    int blocks = blocks(steps);
    return block >= blocks ? steps : (int) ((long) steps * block / blocks);
  }

  @Override
  public void pack(
      int from, int to, int panelFrom, int panelTo, float[] out, PackedScratch scratch) {
    int first = start(from);
    int count = start(to) - first;
    if (transposed) {
      for (int panel = panelFrom; panel < panelTo; panel++) {
        packColumns(first, count, panel, out, scratch);
      }
    } else {
      packRows(first, count, panelFrom, panelTo, out, scratch);
    }
  }

  private void packRows(
      int first, int count, int panelFrom, int panelTo, float[] out, PackedScratch scratch) {
    int wide = MicroTile.COLUMNS;
    int columnFrom = panelFrom * wide;
    int run = Math.min(panelTo * wide, columns) - columnFrom;
    float[] row = scratch.run = PackedScratch.atLeast(scratch.run, run + wide);
    float[] direct = source instanceof Buffer.Floats(float[] array) ? array : null;
    for (int step = 0; step < count; step++) {
      long begin = at + (long) (first + step) * stride + columnFrom;
      int rowAt = 0;
      float[] values = row;
      if (direct == null) {
        scratch.reader.read(source, begin, run, row, 0);
      } else {
        values = direct;
        rowAt = (int) begin;
      }
      for (int panel = panelFrom; panel < panelTo; panel++) {
        int covered = Math.min(wide, columns - panel * wide);
        int width = MicroTile.width(covered);
        int to = panel * wide * count + step * width;
        System.arraycopy(values, rowAt + (panel - panelFrom) * wide, out, to, covered);
        for (int j = covered; j < width; j++) {
          out[to + j] = 0f;
        }
      }
    }
  }

  private void packColumns(int first, int count, int panel, float[] out, PackedScratch scratch) {
    int wide = MicroTile.COLUMNS;
    int covered = Math.min(wide, columns - panel * wide);
    int width = MicroTile.width(covered);
    int to = panel * wide * count;
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, wide * count);
    for (int j = 0; j < covered; j++) {
      long begin = at + (long) (panel * wide + j) * stride + first;
      scratch.reader.read(source, begin, count, run, j * count);
    }
    PackerTranspose.transpose(run, 0, count, covered, count, out, to, width);
  }
}
