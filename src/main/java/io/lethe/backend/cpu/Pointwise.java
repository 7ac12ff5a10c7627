// What is computed element by element: activations, sums and multiples.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.backend.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * Arrays of one length, cut into tasks of a fixed size. What is less than a vector at the end goes
 * through the same loop in a padded copy: a second, masked loop would make the methods too large to
 * be compiled whole.
 */
final class Pointwise {
  /** Elements of one task: its operands fit the second cache. */
  static final int CHUNK = 1 << 14;

  /** What sigmoid's argument is multiplied by in quick GELU. */
  private static final float QUICK = 1.702f;

  private final WorkerPool pool;

  Pointwise(WorkerPool pool) {
    this.pool = pool;
  }

  /** The body of one pass over {@code from} to {@code end - 1}. */
  private interface Range {
    void run(int from, int end);
  }

  private void run(int count, int elementsPerNano, Range range) {
    pool.run(
        (count + CHUNK - 1) / CHUNK,
        count / elementsPerNano,
        (task, worker) -> range.run(task * CHUNK, (int) Math.min(count, (task + 1L) * CHUNK)));
  }

  void activation(Activation kind, float[] x, float[] y) {
    run(
        x.length,
        2,
        switch (kind) {
          case SILU -> (from, end) -> silu(x, y, 1f, from, end);
          case QUICK_GELU -> (from, end) -> silu(x, y, QUICK, from, end);
          case GELU -> (from, end) -> gelu(x, y, from, end);
        });
  }

  /** {@code y = x sigma(slope x)}. */
  private static void silu(float[] x, float[] y, float slope, int from, int end) {
    int i = from;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      VectorMath.sigmoid(v.mul(slope)).mul(v).intoArray(y, i);
    }
    if (i < end) {
      float[] tail = new float[LANES];
      System.arraycopy(x, i, tail, 0, end - i);
      silu(tail, tail, slope, 0, LANES);
      System.arraycopy(tail, 0, y, i, end - i);
    }
  }

  private static void gelu(float[] x, float[] y, int from, int end) {
    NormalCurve.cdf(x, from, end - from, y, from);
    for (int i = from; i < end; i++) {
      y[i] *= x[i];
    }
  }

  void activationBackward(Activation kind, float[] dy, float[] x, float[] dx) {
    run(
        x.length,
        2,
        switch (kind) {
          case SILU -> (from, end) -> siluBackward(dy, x, dx, 1f, from, end);
          case QUICK_GELU -> (from, end) -> siluBackward(dy, x, dx, QUICK, from, end);
          case GELU -> (from, end) -> geluBackward(dy, x, dx, from, end);
        });
  }

  /** With {@code z = slope x}: {@code d/dx x sigma(z) = d/dz z sigma(z)}. */
  private static void siluBackward(
      float[] dy, float[] x, float[] dx, float slope, int from, int end) {
    int i = from;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i).mul(slope);
      VectorMath.siluDerivative(v).mul(FloatVector.fromArray(FLOATS, dy, i)).intoArray(dx, i);
    }
    if (i < end) {
      float[] tail = new float[LANES];
      float[] gradient = new float[LANES];
      System.arraycopy(x, i, tail, 0, end - i);
      System.arraycopy(dy, i, gradient, 0, end - i);
      siluBackward(gradient, tail, tail, slope, 0, LANES);
      System.arraycopy(tail, 0, dx, i, end - i);
    }
  }

  private static void geluBackward(float[] dy, float[] x, float[] dx, int from, int end) {
    NormalCurve.geluSlope(x, from, end - from, dx, from);
    for (int i = from; i < end; i++) {
      dx[i] *= dy[i];
    }
  }

  void add(float[] a, float[] b, float[] out) {
    run(
        a.length,
        8,
        (from, end) -> {
          for (int i = from; i < end; i++) {
            out[i] = a[i] + b[i];
          }
        });
  }

  void axpy(float alpha, float[] x, float[] y) {
    run(x.length, 8, (from, end) -> axpy(alpha, x, y, from, end));
  }

  private static void axpy(float alpha, float[] x, float[] y, int from, int end) {
    int i = from;
    FloatVector factor = FloatVector.broadcast(FLOATS, alpha);
    for (; i <= end - LANES; i += LANES) {
      FloatVector.fromArray(FLOATS, x, i)
          .fma(factor, FloatVector.fromArray(FLOATS, y, i))
          .intoArray(y, i);
    }
    for (; i < end; i++) {
      y[i] = Math.fma(alpha, x[i], y[i]);
    }
  }

  void scale(float alpha, float[] x, float[] out) {
    run(
        x.length,
        8,
        (from, end) -> {
          for (int i = from; i < end; i++) {
            out[i] = alpha * x[i];
          }
        });
  }
}
