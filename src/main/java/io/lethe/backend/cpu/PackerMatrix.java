// Packs a matrix, stored either way round, into column panels.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.tensor.Buffer;
import jdk.incubator.vector.FloatVector;

/**
 * {@code b [steps, columns]} of a matrix product.
 *
 * @param source compute memory or a mapped weight
 * @param transposed stored {@code [columns, steps]}, as a linear layer's weight is
 * @param group as {@link PackerRight#group}
 */
record PackerMatrix(Buffer source, boolean transposed, int steps, int columns, int group)
    implements PackerRight {
  /**
   * Steps of one block at most. Each block costs a pass over c, so they are long: a pair of panels
   * then takes 192 KB at 512 bits and comes from the second cache.
   */
  static final int BLOCK = 1536;

  /** Steps of a mapped matrix that are read and transposed at once: 1 KB of each column. */
  private static final int PIECE = 256;

  /** Panels that are packed side by side: whole lines are read, and few streams written. */
  private static final int PANELS = 8;

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
      return;
    }
    for (int panel = panelFrom; panel < panelTo; panel += PANELS) {
      packRows(first, count, panel, Math.min(panel + PANELS, panelTo), out, scratch);
    }
  }

  private void packRows(
      int first, int count, int panelFrom, int panelTo, float[] out, PackedScratch scratch) {
    int columnFrom = panelFrom * LANES;
    int run = Math.min(panelTo * LANES, columns) - columnFrom;
    int whole = run / LANES;
    int rest = run - whole * LANES;
    float[] row = scratch.run = PackedScratch.atLeast(scratch.run, run);
    float[] direct = source instanceof Buffer.Floats(float[] array) ? array : null;
    for (int step = 0; step < count; step++) {
      long begin = (long) (first + step) * columns + columnFrom;
      int rowAt = 0;
      float[] values = row;
      if (direct == null) {
        scratch.reader.read(source, begin, run, row, 0);
      } else {
        values = direct;
        rowAt = (int) begin;
      }
      for (int i = 0; i < whole; i++) {
        int to = panelAt(panelFrom + i, count) + step * group * LANES;
        FloatVector.fromArray(FLOATS, values, rowAt + i * LANES).intoArray(out, to);
      }
      int to = panelAt(panelFrom + whole, count) + step * group * LANES;
      for (int j = 0; j < rest; j++) {
        out[to + j] = values[rowAt + whole * LANES + j];
      }
    }
  }

  /** Where a panel of {@code count} steps begins. */
  private int panelAt(int panel, int count) {
    return CacheLine.FIRST + (panel / group * group * count + panel % group) * LANES;
  }

  private void packColumns(int first, int count, int panel, float[] out, PackedScratch scratch) {
    int covered = Math.min(LANES, columns - panel * LANES);
    int[] stepRows = scratch.reserveSteps(count, group * LANES);
    int to = panelAt(panel, count);
    if (source instanceof Buffer.Floats(float[] array)) {
      int from = panel * LANES * steps + first;
      PackerTranspose.transpose(
          array, from, steps, covered, LANES, count, scratch.square, out, to, stepRows);
      return;
    }
    int piece = Math.min(count, PIECE);
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, covered * piece);
    for (int step = 0; step < count; step += PIECE) {
      int length = Math.min(PIECE, count - step);
      for (int j = 0; j < covered; j++) {
        long begin = (long) (panel * LANES + j) * steps + first + step;
        scratch.reader.read(source, begin, length, run, j * piece);
      }
      PackerTranspose.transpose(
          run,
          0,
          piece,
          covered,
          LANES,
          length,
          scratch.square,
          out,
          to + step * group * LANES,
          stepRows);
    }
  }
}
