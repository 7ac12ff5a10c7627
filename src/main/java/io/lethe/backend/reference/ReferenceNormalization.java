// The definitions of group and layer normalisation and of their gradients.
package io.lethe.backend.reference;

import io.lethe.backend.Activation;
import io.lethe.tensor.Tensor;

/**
 * Both normalisations are one: sets of elements share a mean and a deviation, {@code xhat = (x -
 * mean) * rstd}, and a channel's {@code gamma}, {@code beta} come after. With {@code g = gamma *
 * dy} and averages over the set, {@code dx = rstd * (g - avg(g) - xhat * avg(g * xhat))}.
 */
final class ReferenceNormalization {
  private ReferenceNormalization() {}

  static void group(
      int groups,
      double eps,
      boolean silu,
      Tensor xTensor,
      Tensor gammaTensor,
      Tensor betaTensor,
      Tensor yTensor,
      Tensor meanTensor,
      Tensor rstdTensor) {
    Operands operands = new Operands("groupNorm");
    Sets s = Sets.ofGroups(operands, xTensor, groups);
    double[] x = operands.input("x", xTensor, s.size());
    double[] gamma = operands.input("gamma", gammaTensor, s.channels);
    double[] beta = operands.input("beta", betaTensor, s.channels);
    double[] y = operands.output("y", yTensor, s.rows(), s.channels);
    double[] mean = operands.output("mean", meanTensor, s.n, groups);
    double[] rstd = operands.output("rstd", rstdTensor, s.n, groups);
    forward(s, eps, silu, x, gamma, beta, y, mean, rstd);
  }

  static void groupBackward(
      int groups,
      boolean silu,
      Tensor dyTensor,
      Tensor xTensor,
      Tensor gammaTensor,
      Tensor betaTensor,
      Tensor meanTensor,
      Tensor rstdTensor,
      Tensor dxTensor,
      Tensor dgammaTensor,
      Tensor dbetaTensor) {
    Operands operands = new Operands("groupNormBackward");
    Sets s = Sets.ofGroups(operands, xTensor, groups);
    double[] dy = operands.input("dy", dyTensor, s.rows(), s.channels);
    double[] x = operands.input("x", xTensor, s.size());
    double[] gamma = operands.input("gamma", gammaTensor, s.channels);
    double[] beta = operands.input("beta", betaTensor, s.channels);
    double[] mean = operands.input("mean", meanTensor, s.n, groups);
    double[] rstd = operands.input("rstd", rstdTensor, s.n, groups);
    double[] dx = operands.optionalOutput("dx", dxTensor, s.rows(), s.channels);
    double[] dgamma = operands.optionalOutput("dgamma", dgammaTensor, s.channels);
    double[] dbeta = operands.optionalOutput("dbeta", dbetaTensor, s.channels);
    double[] inner = dy;
    if (silu) {
      inner = new double[dy.length];
      for (int i = 0; i < dy.length; i++) {
        int set = s.setOf(i);
        double before =
            gamma[i % s.channels] * (x[i] - mean[set]) * rstd[set] + beta[i % s.channels];
        inner[i] = dy[i] * ReferencePointwise.derivative(Activation.SILU, before);
      }
    }
    backward(s, inner, x, gamma, mean, rstd, dx, dgamma, dbeta);
  }

  static void layer(
      double eps,
      Tensor xTensor,
      Tensor gammaTensor,
      Tensor betaTensor,
      Tensor yTensor,
      Tensor meanTensor,
      Tensor rstdTensor) {
    Operands operands = new Operands("layerNorm");
    Sets s = Sets.ofRows(xTensor);
    double[] x = operands.input("x", xTensor, s.size());
    double[] gamma = operands.input("gamma", gammaTensor, s.channels);
    double[] beta = operands.input("beta", betaTensor, s.channels);
    double[] y = operands.output("y", yTensor, s.rows(), s.channels);
    double[] mean = operands.output("mean", meanTensor, s.rows());
    double[] rstd = operands.output("rstd", rstdTensor, s.rows());
    forward(s, eps, false, x, gamma, beta, y, mean, rstd);
  }

  static void layerBackward(
      Tensor dyTensor,
      Tensor xTensor,
      Tensor gammaTensor,
      Tensor meanTensor,
      Tensor rstdTensor,
      Tensor dxTensor,
      Tensor dgammaTensor,
      Tensor dbetaTensor) {
    Operands operands = new Operands("layerNormBackward");
    Sets s = Sets.ofRows(xTensor);
    double[] dy = operands.input("dy", dyTensor, s.rows(), s.channels);
    double[] x = operands.input("x", xTensor, s.size());
    double[] gamma = operands.input("gamma", gammaTensor, s.channels);
    double[] mean = operands.input("mean", meanTensor, s.rows());
    double[] rstd = operands.input("rstd", rstdTensor, s.rows());
    double[] dx = operands.optionalOutput("dx", dxTensor, s.rows(), s.channels);
    double[] dgamma = operands.optionalOutput("dgamma", dgammaTensor, s.channels);
    double[] dbeta = operands.optionalOutput("dbeta", dbetaTensor, s.channels);
    backward(s, dy, x, gamma, mean, rstd, dx, dgamma, dbeta);
  }

  private static void forward(
      Sets s,
      double eps,
      boolean silu,
      double[] x,
      double[] gamma,
      double[] beta,
      double[] y,
      double[] mean,
      double[] rstd) {
    averages(s, x, mean);
    double[] squares = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double centred = x[i] - mean[s.setOf(i)];
      squares[i] = centred * centred;
    }
    averages(s, squares, rstd);
    for (int set = 0; set < s.count(); set++) {
      rstd[set] = 1 / Math.sqrt(rstd[set] + eps);
    }
    for (int i = 0; i < x.length; i++) {
      int set = s.setOf(i);
      double value = gamma[i % s.channels] * (x[i] - mean[set]) * rstd[set] + beta[i % s.channels];
      y[i] = silu ? ReferencePointwise.value(Activation.SILU, value) : value;
    }
  }

  private static void backward(
      Sets s,
      double[] dy,
      double[] x,
      double[] gamma,
      double[] mean,
      double[] rstd,
      double[] dx,
      double[] dgamma,
      double[] dbeta) {
    double[] xhat = new double[x.length];
    double[] g = new double[x.length];
    double[] gxhat = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      xhat[i] = (x[i] - mean[s.setOf(i)]) * rstd[s.setOf(i)];
      g[i] = gamma[i % s.channels] * dy[i];
      gxhat[i] = g[i] * xhat[i];
    }
    double[] averageG = new double[s.count()];
    double[] averageGxhat = new double[s.count()];
    averages(s, g, averageG);
    averages(s, gxhat, averageGxhat);
    for (int i = 0; i < x.length; i++) {
      int set = s.setOf(i);
      if (dx != null) {
        dx[i] = rstd[set] * (g[i] - averageG[set] - xhat[i] * averageGxhat[set]);
      }
      if (dgamma != null) {
        dgamma[i % s.channels] += dy[i] * xhat[i];
      }
      if (dbeta != null) {
        dbeta[i % s.channels] += dy[i];
      }
    }
  }

  private static void averages(Sets s, double[] values, double[] average) {
    for (int set = 0; set < s.count(); set++) {
      average[set] = 0;
    }
    for (int i = 0; i < values.length; i++) {
      average[s.setOf(i)] += values[i];
    }
    for (int set = 0; set < s.count(); set++) {
      average[set] /= (double) s.size() / s.count();
    }
  }

  /** Which elements of {@code [n, positions, channels]} are normalised together. */
  private record Sets(int n, int positions, int channels, int groups) {

    static Sets ofGroups(Operands operands, Tensor x, int groups) {
      int n = x.shape().dim(0);
      int channels = x.shape().dim(-1);
      operands.require(
          x.shape().rank() >= 2 && x.size() > 0,
          "x is " + x.shape() + ", not [n, positions, channels]");
      operands.require(
          groups > 0 && channels % groups == 0,
          groups + " groups do not divide the " + channels + " channels of x " + x.shape());
      return new Sets(n, x.size() / n / channels, channels, groups);
    }

    /** Layer normalisation: each row is a sample of one position and one group. */
    static Sets ofRows(Tensor x) {
      return new Sets(x.shape().rows(), 1, x.shape().dim(-1), 1);
    }

    int setOf(int element) {
      int sample = element / channels / positions;
      int group = element % channels / (channels / groups);
      return sample * groups + group;
    }

    int count() {
      return n * groups;
    }

    int rows() {
      return n * positions;
    }

    int size() {
      return n * positions * channels;
    }
  }
}
