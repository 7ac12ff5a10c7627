// Packs a matrix, stored either way round, into column panels.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;
import java.util.Arrays;

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
  /**
   * Steps of one block at most. Each block costs a pass over c, so they are long: a panel then
   * takes 128 KB at 512 bits and comes from the second cache.
   */
  static final int BLOCK = 1024;

  /** Steps transposed at once: 32 columns of 1 KB each. */
  private static final int PIECE = 256;

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
    int piece = Math.min(count, PIECE);
    float[] run = PackedScratch.atLeast(scratch.run, width * PackerTranspose.rowStride(piece));
    scratch.run = run;
    int[] rows = scratch.stepRows = GemmRows.linearRows(scratch.stepRows, 0, piece, 0, width);
    for (int step = 0; step < count; step += PIECE) {
      int steps = Math.min(PIECE, count - step);
      int rowStride = PackerTranspose.rowStride(steps);
      Arrays.fill(run, covered * rowStride, width * rowStride, 0f);
      for (int j = 0; j < covered; j++) {
        long begin = at + (long) (panel * wide + j) * stride + first + step;
        scratch.reader.read(source, begin, steps, run, j * rowStride);
      }
      int to = panel * wide * count + step * width;
      PackerTranspose.transpose(run, width, steps, scratch.square, out, to, rows);
    }
  }
}
