// GEGLU, forward and backward.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/** Rows of x are value, then gate: {@code y = value * gate Phi(gate)}. */
final class PointwiseGeglu {
  private final WorkerPool pool;

  PointwiseGeglu(WorkerPool pool) {
    this.pool = pool;
  }

  private static int blockRows(int c) {
    return Math.max(1, Pointwise.CHUNK / Math.max(1, 2 * c));
  }

  /**
   * @param c channels of y
   */
  void forward(int rows, int c, float[] x, float[] y) {
    int block = blockRows(c);
    pool.run(
        (rows + block - 1) / block,
        (long) rows * c / 2,
        (task, worker) -> {
          for (int row = task * block; row < Math.min(rows, (task + 1) * block); row++) {
            row(x, 2 * row * c, c, y, row * c);
          }
        });
  }

  private static void row(float[] x, int at, int c, float[] y, int target) {
    NormalCurve.cdf(x, at + c, c, y, target);
    int whole = FLOATS.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, y, target + i)
          .mul(FloatVector.fromArray(FLOATS, x, at + c + i))
          .mul(FloatVector.fromArray(FLOATS, x, at + i))
          .intoArray(y, target + i);
    }
    for (int i = whole; i < c; i++) {
      y[target + i] = y[target + i] * x[at + c + i] * x[at + i];
    }
  }

  /**
   * @param c channels of dy
   */
  void backward(int rows, int c, float[] dy, float[] x, float[] dx) {
    int block = blockRows(c);
    pool.run(
        (rows + block - 1) / block,
        (long) rows * c,
        (task, worker) -> {
          for (int row = task * block; row < Math.min(rows, (task + 1) * block); row++) {
            rowBackward(dy, row * c, x, 2 * row * c, c, dx);
          }
        });
  }

  private static void rowBackward(float[] dy, int source, float[] x, int at, int c, float[] dx) {
    NormalCurve.cdf(x, at + c, c, dx, at);
    NormalCurve.geluSlope(x, at + c, c, dx, at + c);
    int whole = FLOATS.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector g = FloatVector.fromArray(FLOATS, dy, source + i);
      FloatVector gate = FloatVector.fromArray(FLOATS, x, at + c + i);
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector.fromArray(FLOATS, dx, at + i).mul(gate).mul(g).intoArray(dx, at + i);
      FloatVector.fromArray(FLOATS, dx, at + c + i).mul(value).mul(g).intoArray(dx, at + c + i);
    }
    for (int i = whole; i < c; i++) {
      dx[at + i] = dx[at + i] * x[at + c + i] * dy[source + i];
      dx[at + c + i] = dx[at + c + i] * x[at + i] * dy[source + i];
    }
  }
}
