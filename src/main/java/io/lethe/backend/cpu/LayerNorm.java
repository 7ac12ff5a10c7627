// Layer normalisation of rows, forward and backward.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Forward: {@code y = gamma xhat + beta}, {@code xhat = (x - mean) rstd} by row. Backward, with
 * {@code g = gamma dy}: {@code dx = rstd (g - mean(g) - xhat mean(g xhat))}; {@code dgamma = sum dy
 * xhat} and {@code dbeta = sum dy} over rows, by blocks of rows that the shape alone sets.
 */
final class LayerNorm {
  /** Elements of one task. */
  private static final int BLOCK_ELEMENTS = 1 << 14;

  private final WorkerPool pool;
  private float[] sums = {};
  private float[] products = {};

  LayerNorm(WorkerPool pool) {
    this.pool = pool;
  }

  private static int blockRows(int rows, int c) {
    return Math.clamp(BLOCK_ELEMENTS / Math.max(1, c), 1, Math.max(1, rows));
  }

  /** As {@link io.lethe.backend.Backend#layerNorm}. */
  void forward(
      int rows,
      int c,
      double eps,
      float[] x,
      float[] gamma,
      float[] beta,
      float[] y,
      float[] mean,
      float[] rstd) {
    int block = blockRows(rows, c);
    pool.run(
        (rows + block - 1) / block,
        (long) rows * c / 6,
        (task, worker) -> {
          int end = Math.min(rows, (task + 1) * block);
          for (int row = task * block; row < end; row++) {
            double centre = sum(x, row * c, c) / c;
            double squares = squares(x, row * c, c, (float) centre);
            // Squares were taken about the rounded mean.
            double rounding = centre - (float) centre;
            mean[row] = (float) centre;
            rstd[row] = (float) (1 / Math.sqrt(squares / c - rounding * rounding + eps));
            normalise(x, row * c, c, mean[row], rstd[row], gamma, beta, y);
          }
        });
  }

  private static double sum(float[] x, int at, int count) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
      even = even.add(FloatVector.fromArray(FLOATS, x, at + i));
      odd = odd.add(FloatVector.fromArray(FLOATS, x, at + i + LANES));
    }
    for (; i < count; i += LANES) {
      even = even.add(FloatVector.fromArray(FLOATS, x, at + i, FLOATS.indexInRange(i, count)));
    }
    return LaneSum.of(even.add(odd));
  }

  private static double squares(float[] x, int at, int count, float mean) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
      FloatVector first = FloatVector.fromArray(FLOATS, x, at + i).sub(mean);
      FloatVector second = FloatVector.fromArray(FLOATS, x, at + i + LANES).sub(mean);
      even = first.fma(first, even);
      odd = second.fma(second, odd);
    }
    for (; i < count; i += LANES) {
      VectorMask<Float> lanes = FLOATS.indexInRange(i, count);
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i, lanes).sub(mean);
      even = even.blend(v.fma(v, even), lanes);
    }
    return LaneSum.of(even.add(odd));
  }

  private static void normalise(
      float[] x,
      int at,
      int count,
      float mean,
      float rstd,
      float[] gamma,
      float[] beta,
      float[] y) {
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector.fromArray(FLOATS, x, at + i)
          .sub(mean)
          .mul(rstd)
          .fma(FloatVector.fromArray(FLOATS, gamma, i), FloatVector.fromArray(FLOATS, beta, i))
          .intoArray(y, at + i);
    }
    for (int i = whole; i < count; i++) {
      y[at + i] = Math.fma((x[at + i] - mean) * rstd, gamma[i], beta[i]);
    }
  }

  /** As {@link io.lethe.backend.Backend#layerNormBackward}. */
  void backward(
      int rows,
      int c,
      float[] dy,
      float[] x,
      float[] gamma,
      float[] mean,
      float[] rstd,
      float[] dx,
      float[] dgamma,
      float[] dbeta) {
    int block = blockRows(rows, c);
    int blocks = (rows + block - 1) / block;
    boolean parameters = dgamma != null || dbeta != null;
    if (parameters) {
      sums = AttentionScratch.atLeast(sums, blocks * c);
      products = AttentionScratch.atLeast(products, blocks * c);
    }
    pool.run(
        blocks,
        (long) rows * c / 4,
        (task, worker) -> {
          int first = task * block;
          int end = Math.min(rows, first + block);
          if (parameters) {
            Arrays.fill(sums, task * c, (task + 1) * c, 0f);
            Arrays.fill(products, task * c, (task + 1) * c, 0f);
          }
          for (int row = first; row < end; row++) {
            if (parameters) {
              addParameters(dy, x, row * c, c, mean[row], rstd[row], task * c);
            }
            if (dx != null) {
              inputGradient(dy, x, row * c, c, gamma, mean[row], rstd[row], dx);
            }
          }
        });
    if (!parameters) {
      return;
    }
    for (int i = 0; i < c; i++) {
      double sum = 0;
      double product = 0;
      for (int b = 0; b < blocks; b++) {
        sum += sums[b * c + i];
        product += products[b * c + i];
      }
      if (dbeta != null) {
        dbeta[i] += (float) sum;
      }
      if (dgamma != null) {
        dgamma[i] += (float) product;
      }
    }
  }

  /** Adds one row to the sums of its block. */
  private void addParameters(
      float[] dy, float[] x, int at, int c, float mean, float rstd, int target) {
    int whole = FLOATS.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector g = FloatVector.fromArray(FLOATS, dy, at + i);
      FloatVector xhat = FloatVector.fromArray(FLOATS, x, at + i).sub(mean).mul(rstd);
      FloatVector.fromArray(FLOATS, sums, target + i).add(g).intoArray(sums, target + i);
      g.fma(xhat, FloatVector.fromArray(FLOATS, products, target + i))
          .intoArray(products, target + i);
    }
    for (int i = whole; i < c; i++) {
      float xhat = (x[at + i] - mean) * rstd;
      sums[target + i] += dy[at + i];
      products[target + i] = Math.fma(dy[at + i], xhat, products[target + i]);
    }
  }

  private static void inputGradient(
      float[] dy, float[] x, int at, int c, float[] gamma, float mean, float rstd, float[] dx) {
    FloatVector sum = FloatVector.zero(FLOATS);
    FloatVector product = FloatVector.zero(FLOATS);
    int whole = FLOATS.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector g =
          FloatVector.fromArray(FLOATS, dy, at + i).mul(FloatVector.fromArray(FLOATS, gamma, i));
      FloatVector xhat = FloatVector.fromArray(FLOATS, x, at + i).sub(mean).mul(rstd);
      sum = sum.add(g);
      product = g.fma(xhat, product);
    }
    double tailSum = 0;
    double tailProduct = 0;
    for (int i = whole; i < c; i++) {
      float g = dy[at + i] * gamma[i];
      tailSum += g;
      tailProduct += (double) g * ((x[at + i] - mean) * rstd);
    }
    float m1 = (float) ((LaneSum.of(sum) + tailSum) / c);
    float m2 = (float) ((LaneSum.of(product) + tailProduct) / c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector g =
          FloatVector.fromArray(FLOATS, dy, at + i).mul(FloatVector.fromArray(FLOATS, gamma, i));
      FloatVector xhat = FloatVector.fromArray(FLOATS, x, at + i).sub(mean).mul(rstd);
      g.sub(m1).sub(xhat.mul(m2)).mul(rstd).intoArray(dx, at + i);
    }
    for (int i = whole; i < c; i++) {
      float xhat = (x[at + i] - mean) * rstd;
      dx[at + i] = (dy[at + i] * gamma[i] - m1 - xhat * m2) * rstd;
    }
  }
}
