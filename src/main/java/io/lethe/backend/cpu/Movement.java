// Joins and splits channels, and enlarges pictures.
package io.lethe.backend.cpu;

/** Whole rows are copied; the sum of the enlargement's gradient is over blocks of two by two. */
final class Movement {
  private final WorkerPool pool;

  Movement(WorkerPool pool) {
    this.pool = pool;
  }

  private void run(int rows, int c, Rows body) {
    int block = Math.max(1, Pointwise.CHUNK / Math.max(1, c));
    pool.run(
        (rows + block - 1) / block,
        (long) rows * c / 8,
        (task, worker) -> {
          for (int row = task * block; row < Math.min(rows, (task + 1) * block); row++) {
            body.row(row);
          }
        });
  }

  /** One row of channels. */
  private interface Rows {
    void row(int row);
  }

  void concat(int rows, int ca, int cb, float[] a, float[] b, float[] out) {
    run(
        rows,
        ca + cb,
        row -> {
          System.arraycopy(a, row * ca, out, row * (ca + cb), ca);
          System.arraycopy(b, row * cb, out, row * (ca + cb) + ca, cb);
        });
  }

  /** Either of a and b may be null. */
  void split(int rows, int ca, int cb, float[] joined, float[] a, float[] b) {
    run(
        rows,
        ca + cb,
        row -> {
          if (a != null) {
            System.arraycopy(joined, row * (ca + cb), a, row * ca, ca);
          }
          if (b != null) {
            System.arraycopy(joined, row * (ca + cb) + ca, b, row * cb, cb);
          }
        });
  }

  /** {@code y[n, 2i + di, 2j + dj] = x[n, i, j]} for di, dj of 0 and 1. */
  void upsample(int n, int height, int width, int c, float[] x, float[] y) {
    run(
        n * height,
        4 * width * c,
        line -> {
          int target = 4 * line * width * c;
          for (int j = 0; j < width; j++) {
            int source = (line * width + j) * c;
            System.arraycopy(x, source, y, target + 2 * j * c, c);
            System.arraycopy(x, source, y, target + (2 * j + 1) * c, c);
          }
          System.arraycopy(y, target, y, target + 2 * width * c, 2 * width * c);
        });
  }

  void upsampleBackward(int n, int height, int width, int c, float[] dy, float[] dx) {
    run(
        n * height,
        4 * width * c,
        line -> {
          for (int j = 0; j < width; j++) {
            sumBlock(
                dy, (4 * line * width + 2 * j) * c, 2 * width * c, c, dx, (line * width + j) * c);
          }
        });
  }

  private static void sumBlock(float[] dy, int at, int line, int c, float[] dx, int target) {
    for (int i = 0; i < c; i++) {
      dx[target + i] = dy[at + i] + dy[at + c + i] + (dy[at + line + i] + dy[at + line + c + i]);
    }
  }
}
