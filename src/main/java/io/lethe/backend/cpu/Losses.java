// The two losses, forward and backward.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums in double. */
final class Losses {
  private final WorkerPool pool;
  private final SquareSums squares;

  Losses(WorkerPool pool, SquareSums squares) {
    this.pool = pool;
    this.squares = squares;
  }

  /** {@code mean_n weight[n] mean_i (x[n, i] - target[n, i])^2}. */
  double meanSquaredError(int n, float[] x, float[] target, double[] weights) {
    int size = x.length / n;
    double sum = 0;
    for (int sample = 0; sample < n; sample++) {
      double weight = weights == null ? 1 : weights[sample];
      sum += weight * squares.of(x, target, sample * size, size) / size;
    }
    return sum / n;
  }

  /** {@code dx = upstream weight[n] 2 (x - target) / (n size)}. */
  void meanSquaredErrorBackward(
      double upstream, int n, float[] x, float[] target, double[] weights, float[] dx) {
    int size = x.length / n;
    for (int sample = 0; sample < n; sample++) {
      double weight = weights == null ? 1 : weights[sample];
      float factor = (float) (upstream * weight * 2 / ((double) n * size));
      int at = sample * size;
      pool.run(
          (size + Pointwise.CHUNK - 1) / Pointwise.CHUNK,
          size / 6,
          (task, worker) -> {
            int from = at + task * Pointwise.CHUNK;
            int end = (int) Math.min((long) at + size, (long) from + Pointwise.CHUNK);
            for (int i = from; i < end; i++) {
              dx[i] = factor * (x[i] - target[i]);
            }
          });
    }
  }

  /** {@code mean_row -log softmax(logits[row])[targets[row]]}; writes the softmax. */
  double crossEntropy(int rows, int c, float[] logits, int[] targets, float[] probabilities) {
    double loss = 0;
    for (int row = 0; row < rows; row++) {
      int at = row * c;
      float maximum = Softmax.maximum(logits, at, c);
      double sum = 0;
      for (int i = 0; i < c; i += LANES) {
        VectorMask<Float> lanes = FLOATS.indexInRange(i, c);
        VectorMath.exp(FloatVector.fromArray(FLOATS, logits, at + i, lanes).sub(maximum))
            .intoArray(probabilities, at + i, lanes);
      }
      for (int i = 0; i < c; i++) {
        sum += probabilities[at + i];
      }
      for (int i = 0; i < c; i++) {
        probabilities[at + i] = (float) (probabilities[at + i] / sum);
      }
      loss += StrictMath.log(sum) - ((double) logits[at + targets[row]] - maximum);
    }
    return loss / rows;
  }

  /** {@code dlogits = upstream (probabilities - one at the target) / rows}. */
  static void crossEntropyBackward(
      double upstream, int rows, int c, float[] probabilities, int[] targets, float[] dlogits) {
    double factor = upstream / rows;
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < c; i++) {
        double one = i == targets[row] ? 1 : 0;
        dlogits[row * c + i] = (float) (factor * (probabilities[row * c + i] - one));
      }
    }
  }
}
