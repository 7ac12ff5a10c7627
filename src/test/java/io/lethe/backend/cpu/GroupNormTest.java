// Group norm where groups are no multiple of the lanes and a sample has several blocks.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("kernels")
final class GroupNormTest {
  private static final double EPS = 1e-5;

  private static Tensor signal(String name, Shape shape, long seed, double offset) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (offset + random.nextGaussian());
    }
    return Tensor.of(name, shape, values);
  }

  /** All results of one forward and backward, in the order of the contract. */
  private static float[][] run(
      int threads, int groups, Tensor x, Tensor dy, Tensor gamma, Tensor beta) {
    int n = x.shape().dim(0);
    Tensor y = signal("y", x.shape(), 5, 0);
    Tensor dx = signal("dx", x.shape(), 6, 0);
    Tensor mean = signal("mean", Shape.of(n, groups), 7, 0);
    Tensor rstd = signal("rstd", Shape.of(n, groups), 8, 0);
    Tensor dgamma = Tensor.of("dgamma", gamma.shape(), new float[gamma.size()]);
    Tensor dbeta = Tensor.of("dbeta", gamma.shape(), new float[gamma.size()]);
    try (Cpu cpu = new Cpu(threads)) {
      cpu.groupNorm(groups, EPS, true, x, gamma, beta, y, mean, rstd);
      cpu.groupNormBackward(groups, true, dy, x, gamma, beta, mean, rstd, dx, dgamma, dbeta);
    }
    return new float[][] {
      y.floats(), mean.floats(), rstd.floats(), dx.floats(), dgamma.floats(), dbeta.floats()
    };
  }

  @ParameterizedTest
  @CsvSource({"2, 900, 96, 32, 0", "1, 2100, 40, 4, 100", "3, 5, 70, 7, 0", "1, 1, 33, 11, 0"})
  void matchesPlainLoops(int n, int positions, int channels, int groups, double offset) {
    Shape shape = Shape.of(n, positions, channels);
    Tensor x = signal("x", shape, 1, offset);
    Tensor dy = signal("dy", shape, 2, 0);
    Tensor gamma = signal("gamma", Shape.of(channels), 3, 0);
    Tensor beta = signal("beta", Shape.of(channels), 4, 0);
    float[][] one = run(1, groups, x, dy, gamma, beta);
    float[][] two = run(2, groups, x, dy, gamma, beta);
    for (int i = 0; i < one.length; i++) {
      assertArrayEquals(one[i], two[i], "result " + i + " with two threads");
    }
    int perGroup = channels / groups;
    int count = perGroup * positions;
    for (int set = 0; set < n * groups; set++) {
      int[] at = new int[count];
      for (int i = 0; i < count; i++) {
        int position = set / groups * positions + i / perGroup;
        at[i] = position * channels + set % groups * perGroup + i % perGroup;
      }
      checkSet(one, set, at, x.floats(), dy.floats(), gamma.floats(), beta.floats(), offset);
    }
  }

  /** One group of one sample, from the definition. */
  private static void checkSet(
      float[][] results,
      int set,
      int[] at,
      float[] x,
      float[] dy,
      float[] gamma,
      float[] beta,
      double offset) {
    int channels = gamma.length;
    double mean = 0;
    for (int i : at) {
      mean += x[i] / (double) at.length;
    }
    double variance = 0;
    for (int i : at) {
      variance += (x[i] - mean) * (x[i] - mean) / at.length;
    }
    double rstd = 1 / Math.sqrt(variance + EPS);
    double unit = 4e-6 * (1 + offset);
    assertEquals(mean, results[1][set], 1e-7 * (1 + offset));
    assertEquals(rstd, results[2][set], 1e-6 * rstd);
    double[] g = new double[at.length];
    double sum = 0;
    double product = 0;
    for (int i = 0; i < at.length; i++) {
      int c = at[i] % channels;
      double xhat = (x[at[i]] - mean) * rstd;
      double pre = gamma[c] * xhat + beta[c];
      double sigma = 1 / (1 + Math.exp(-pre));
      assertEquals(pre * sigma, results[0][at[i]], unit);
      g[i] = dy[at[i]] * sigma * (1 + pre * (1 - sigma)) * gamma[c];
      sum += g[i] / at.length;
      product += g[i] * xhat / at.length;
    }
    for (int i = 0; i < at.length; i++) {
      double xhat = (x[at[i]] - mean) * rstd;
      double dx = rstd * (g[i] - sum - xhat * product);
      assertEquals(dx, results[3][at[i]], unit * Math.max(1, rstd));
    }
  }
}
