// Adds a vector or a table to every row, sample or position.
package io.lethe.backend.cpu;

/** Plain loops, which the compiler vectorises. */
final class PointwiseBroadcast {
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
}
