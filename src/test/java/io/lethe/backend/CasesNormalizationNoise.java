// How far rounding in single precision can move the input gradient of a normalisation.
package io.lethe.backend;

/**
 * Rounding errors of {@code dx = rstd * (g - avg(g) - xhat * avg(g * xhat))}, in units of 2^-24. In
 * a set of few elements the three terms nearly cancel, so that the noise is that of the terms and
 * not of what they leave.
 */
final class CasesNormalizationNoise {
  private CasesNormalizationNoise() {}

  /**
   * The noise of each element of dx.
   *
   * @param dy {@code [n, positions, c]}, as is x
   * @param beta null where no SiLU follows
   * @param mean {@code [n, groups]}, as is rstd
   */
  static double[] dx(
      int n,
      int groups,
      double[] dy,
      double[] x,
      double[] gamma,
      double[] beta,
      double[] mean,
      double[] rstd) {
    int c = gamma.length;
    int sets = n * groups;
    int length = x.length / sets;
    double[] g = new double[x.length];
    double[] gNoise = new double[x.length];
    double[] sum = new double[sets];
    double[] product = new double[sets];
    double[] sumSquares = new double[sets];
    double[] productSquares = new double[sets];
    for (int i = 0; i < x.length; i++) {
      int set = i / (x.length / n) * groups + i % c / (c / groups);
      double xhat = (x[i] - mean[set]) * rstd[set];
      double xhatNoise = 1 + Math.abs(xhat) + Math.abs(mean[set]) * rstd[set];
      g[i] = gamma[i % c] * dy[i];
      gNoise[i] = 2 * Math.abs(g[i]);
      if (beta != null) {
        double before = gamma[i % c] * xhat + beta[i % c];
        double beforeNoise = Math.abs(gamma[i % c]) * xhatNoise + Math.abs(beta[i % c]);
        // |silu''| is at most 1/2
        gNoise[i] = Math.abs(g[i]) * (3 + beforeNoise / 2);
        double sigma = 1 / (1 + Math.exp(-before));
        g[i] *= sigma + before * sigma * (1 - sigma);
      }
      sum[set] += g[i] / length;
      product[set] += g[i] * xhat / length;
      sumSquares[set] += square(gNoise[i] + growth(length) * g[i]);
      productSquares[set] +=
          square(gNoise[i] * xhat)
              + square(g[i] * xhatNoise)
              + square(growth(length) * g[i] * xhat);
    }
    double[] noise = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int set = i / (x.length / n) * groups + i % c / (c / groups);
      double xhat = (x[i] - mean[set]) * rstd[set];
      double xhatNoise = 1 + Math.abs(xhat) + Math.abs(mean[set]) * rstd[set];
      noise[i] =
          rstd[set]
              * (gNoise[i]
                  + Math.sqrt(sumSquares[set]) / length
                  + Math.abs(sum[set])
                  + Math.abs(xhat) * Math.sqrt(productSquares[set]) / length
                  + xhatNoise * Math.abs(product[set]));
    }
    return noise;
  }

  private static double growth(int length) {
    return 1 + Math.sqrt(length) / 2;
  }

  private static double square(double value) {
    return value * value;
  }
}
