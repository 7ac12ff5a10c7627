// Coordinates in which the vectors that a linear layer reads have about equal variance in every
// direction.
package io.lethe.nn.optim;

import io.lethe.LetheException;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * For inputs x with second moment {@code C = mean(x x^T) = U L U^T} the factor {@code P = U (L +
 * rho)^-1/2}, {@code [d, d]}: white inputs are {@code P^T x}, and a weight {@code W [out, d]} has
 * white coordinates D with {@code W = W0 + D P^T}.
 *
 * <p>An update that is as large in every white coordinate is small where inputs usually lie and
 * large where they seldom do. The ridge {@code rho} bounds how much larger: without it directions
 * that no input of the sample has would move freely, and inputs outside the sample with them.
 */
public final class Whitening {
  private final Tensor factor;

  private Whitening(Tensor factor) {
    this.factor = factor;
  }

  /**
   * @param samples of rows x, in arrays {@code [rows, d]}: every sample counts the same, and in it
   *     all its rows
   * @param ridge rho as a share of the mean variance {@code tr(C) / d}, above 0
   */
  public static Whitening of(List<List<float[]>> samples, int d, double ridge) {
    double[][] secondMoment = new double[d][d];
    for (List<float[]> sample : samples) {
      double[][] own = secondMoment(sample, d);
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          secondMoment[i][j] += own[i][j] / samples.size();
        }
      }
    }
    double mean = 0;
    for (int i = 0; i < d; i++) {
      mean += secondMoment[i][i] / d;
    }
    if (!(ridge > 0 && mean > 0)) {
      throw new LetheException(
          "whitening needs a ridge and a variance above 0, not " + ridge + " and " + mean);
    }
    EigenDecomposition eigen =
        new EigenDecomposition(new Array2DRowRealMatrix(secondMoment, false));
    float[] factor = new float[d * d];
    for (int k = 0; k < d; k++) {
      double scale = 1 / Math.sqrt(Math.max(0, eigen.getRealEigenvalue(k)) + ridge * mean);
      for (int i = 0; i < d; i++) {
        factor[i * d + k] = (float) (eigen.getV().getEntry(i, k) * scale);
      }
    }
    return new Whitening(Tensor.of("whitening", Shape.of(d, d), factor));
  }

  /** {@code C = mean(x x^T)}, {@code [d, d]}. */
  private static double[][] secondMoment(List<float[]> inputs, int d) {
    double[][] sum = new double[d][d];
    long rows = 0;
    for (float[] input : inputs) {
      for (int row = 0; row < input.length; row += d) {
        for (int i = 0; i < d; i++) {
          double xi = input[row + i];
          for (int j = 0; j < d; j++) {
            sum[i][j] += xi * input[row + j];
          }
        }
      }
      rows += input.length / d;
    }
    for (double[] line : sum) {
      for (int j = 0; j < d; j++) {
        line[j] /= rows;
      }
    }
    return sum;
  }

  /** Width d of the inputs. */
  int width() {
    return factor.shape().dim(0);
  }

  /** P, {@code [d, d]}. */
  Tensor factor() {
    return factor;
  }
}
