// Adds a vector or a table to every row, sample or position.
package io.lethe.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Plain loops, which the compiler vectorises. */
final class PointwiseBroadcast {
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final WorkerPool pool;

  PointwiseBroadcast(WorkerPool pool) {
    this.pool = pool;
  }

  /** {@code out[row] = x[row] + vector[row / rowsPerVector % vectors]} for rows of c elements. */
  void add(
      int rows, int c, int rowsPerVector, int vectors, float[] x, float[] vector, float[] out) {
    int block = Math.max(1, Pointwise.CHUNK / Math.max(1, c));
    pool.run(
        (rows + block - 1) / block,
        (long) rows * c / 8,
        (task, worker) -> {
          for (int row = task * block; row < Math.min(rows, (task + 1) * block); row++) {
            addRow(x, row * c, vector, row / rowsPerVector % vectors * c, c, out);
          }
        });
  }

  private static void addRow(float[] x, int at, float[] vector, int from, int c, float[] out) {
    for (int i = 0; i < c; i++) {
      out[at + i] = x[at + i] + vector[from + i];
    }
  }

  /** {@code out[n, i] = x[n, i] + table[i]} for a mapped table of F64, rounded once. */
  static void addDoubles(int size, float[] x, MemorySegment table, float[] out) {
    for (int i = 0; i < x.length; i++) {
      out[i] = (float) (x[i] + table.get(DOUBLE, (long) (i % size) * Double.BYTES));
    }
  }
}
