// Sums over rows, positions or samples, column by column.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Rows are cut into blocks by shape alone; each block is summed in F32, and the blocks are added in
 * order in double.
 */
final class ColumnSums {
  /** Most rows of a block: a longer chain of additions would lose digits. */
  private static final int BLOCK_ROWS = 128;

  private final WorkerPool pool;
  private float[] parts = {};

  ColumnSums(WorkerPool pool) {
    this.pool = pool;
  }

  /**
   * {@code out[sample][c] (+)= sum_rows x[sample][row][c]}.
   *
   * @param accumulate adds to out instead of writing it
   */
  void overRows(int samples, int rows, int c, float[] x, float[] out, boolean accumulate) {
    int blocks = Math.max(1, (rows + BLOCK_ROWS - 1) / BLOCK_ROWS);
    parts = AttentionScratch.atLeast(parts, samples * blocks * c);
    pool.run(
        samples * blocks,
        (long) samples * rows * c / 8,
        (task, worker) -> {
          int first = task % blocks * BLOCK_ROWS;
          int count = Math.min(BLOCK_ROWS, rows - first);
          block(x, (task / blocks * rows + first) * c, count, c, parts, task * c);
        });
    for (int sample = 0; sample < samples; sample++) {
      for (int i = 0; i < c; i++) {
        double sum = accumulate ? out[sample * c + i] : 0;
        for (int b = 0; b < blocks; b++) {
          sum += parts[(sample * blocks + b) * c + i];
        }
        out[sample * c + i] = (float) sum;
      }
    }
  }

  private static void block(float[] x, int at, int rows, int c, float[] sums, int target) {
    for (int i = 0; i < c; i += LANES) {
      VectorMask<Float> lanes = FLOATS.indexInRange(i, c);
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      int row = 0;
      for (; row + 1 < rows; row += 2) {
        int source = at + row * c + i;
        even = even.add(FloatVector.fromArray(FLOATS, x, source, lanes));
        odd = odd.add(FloatVector.fromArray(FLOATS, x, source + c, lanes));
      }
      if (row < rows) {
        even = even.add(FloatVector.fromArray(FLOATS, x, at + row * c + i, lanes));
      }
      even.add(odd).intoArray(sums, target + i, lanes);
    }
  }

  /** {@code out[i] += sum_samples x[sample][i]}, for samples of as many elements as out. */
  void overSamples(int samples, float[] x, float[] out) {
    int size = out.length;
    pool.run(
        (size + Pointwise.CHUNK - 1) / Pointwise.CHUNK,
        (long) x.length / 8,
        (task, worker) -> {
          int from = task * Pointwise.CHUNK;
          int end = (int) Math.min(size, (task + 1L) * Pointwise.CHUNK);
          for (int i = from; i < end; i++) {
            double sum = out[i];
            for (int sample = 0; sample < samples; sample++) {
              sum += x[sample * size + i];
            }
            out[i] = (float) sum;
          }
        });
  }
}
