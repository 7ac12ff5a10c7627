// GEGLU, forward and backward.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

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
    int whole = FLOATS.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector gate = FloatVector.fromArray(FLOATS, x, at + c + i);
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + i);
      VectorMath.normalCdf(gate).mul(gate).mul(value).intoArray(y, target + i);
    }
    if (whole < c) {
      VectorMask<Float> tail = FLOATS.indexInRange(whole, c);
      FloatVector gate = FloatVector.fromArray(FLOATS, x, at + c + whole, tail);
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + whole, tail);
      VectorMath.normalCdf(gate).mul(gate).mul(value).intoArray(y, target + whole, tail);
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
    for (int i = 0; i < c; i += LANES) {
      VectorMask<Float> lanes = FLOATS.indexInRange(i, c);
      FloatVector g = FloatVector.fromArray(FLOATS, dy, source + i, lanes);
      FloatVector gate = FloatVector.fromArray(FLOATS, x, at + c + i, lanes);
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + i, lanes);
      VectorMath.normalCdf(gate).mul(gate).mul(g).intoArray(dx, at + i, lanes);
      VectorMath.geluDerivative(gate).mul(value).mul(g).intoArray(dx, at + c + i, lanes);
    }
  }
}
