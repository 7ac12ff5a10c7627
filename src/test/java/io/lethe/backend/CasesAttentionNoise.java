// How far rounding in single precision can move the results of one attention.
package io.lethe.backend;

/**
 * Rounding errors followed through the formula, in units of 2^-24. A sum of L terms t has the noise
 * {@code g(L) * sqrt(sum t^2)} with {@code g(L) = 1 + sqrt(L) / 2}, as of a random walk; the noise
 * of a score is the relative noise of its exponential. Softmax's backward subtracts numbers that
 * nearly cancel, so that its noise may exceed its result by far, and only this tells a poor kernel
 * from a hard case.
 */
final class CasesAttentionNoise {
  private final AttentionShape s;
  private final double[] q;
  private final double[] k;
  private final int rows;

  /**
   * Probabilities {@code [n, heads, queries, keys]}, their relative noise, and that of each row's
   * sum.
   */
  private final double[] p;

  private final double[] relative;
  private final double[] rowNoise;

  /** {@code ds} and its noise, both {@code [n, heads, queries, keys]}. */
  private double[] ds;

  private double[] dsNoise;

  CasesAttentionNoise(AttentionShape s, double[] q, double[] k) {
    this.s = s;
    this.q = q;
    this.k = k;
    this.rows = s.n() * s.heads() * s.queries();
    this.p = new double[rows * s.keys()];
    this.relative = new double[rows * s.keys()];
    this.rowNoise = new double[rows];
    for (int row = 0; row < rows; row++) {
      softmax(row);
    }
  }

  private void softmax(int row) {
    int seen = s.causal() ? Math.min(s.keys(), row % s.queries() + 1) : s.keys();
    double[] score = new double[seen];
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < seen; j++) {
      double sum = 0;
      double squares = 0;
      for (int d = 0; d < s.headDim(); d++) {
        double term = s.scale() * q[queryAt(row) + d] * k[keyAt(row, j) + d];
        sum += term;
        squares += term * term;
      }
      score[j] = sum;
      largest = Math.max(largest, sum);
      relative[row * s.keys() + j] = growth(s.headDim()) * Math.sqrt(squares) + Math.abs(sum);
    }
    double sum = 0;
    for (int j = 0; j < seen; j++) {
      sum += Math.exp(score[j] - largest);
    }
    double logSumExp = largest + Math.log(sum);
    double squares = 0;
    for (int j = 0; j < seen; j++) {
      int at = row * s.keys() + j;
      p[at] = Math.exp(score[j] - logSumExp);
      relative[at] += 2 + Math.abs(score[j] - logSumExp);
      squares += p[at] * p[at] * (square(relative[at]) + square(growth(seen)));
    }
    rowNoise[row] = Math.sqrt(squares) + Math.abs(logSumExp);
  }

  /** Of {@code logSumExp}: the relative noise of a sum is the noise of its logarithm. */
  double[] logSumExp() {
    return rowNoise;
  }

  double[] probabilities() {
    double[] noise = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      noise[i] = p[i] * (relative[i] + rowNoise[i / s.keys()]);
    }
    return notBelowTiny(noise);
  }

  /** Of {@code out = p v}. */
  double[] out(double[] v) {
    double[] squares = new double[q.length];
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < s.keys(); j++) {
        int at = row * s.keys() + j;
        double each = relative[at] + rowNoise[row] + growth(s.keys());
        for (int d = 0; d < s.headDim(); d++) {
          squares[queryAt(row) + d] += square(each * p[at] * v[keyAt(row, j) + d]);
        }
      }
    }
    return roots(squares);
  }

  /** Follows {@code dp = dout v^T} and {@code ds = p * (dp - dout . out)}. */
  void throughValues(double[] dout, double[] v, double[] out) {
    ds = new double[p.length];
    dsNoise = new double[p.length];
    for (int row = 0; row < rows; row++) {
      double dot = 0;
      double dotSquares = 0;
      for (int d = 0; d < s.headDim(); d++) {
        double term = dout[queryAt(row) + d] * out[queryAt(row) + d];
        dot += term;
        dotSquares += term * term;
      }
      for (int j = 0; j < s.keys(); j++) {
        double dp = 0;
        double squares = 0;
        for (int d = 0; d < s.headDim(); d++) {
          double term = dout[queryAt(row) + d] * v[keyAt(row, j) + d];
          dp += term;
          squares += term * term;
        }
        int at = row * s.keys() + j;
        double sums = growth(s.headDim()) * (Math.sqrt(squares) + Math.sqrt(dotSquares));
        ds[at] = p[at] * (dp - dot);
        dsNoise[at] = p[at] * sums + Math.abs(ds[at]) * (2 + relative[at]);
      }
    }
  }

  /** Follows {@code ds = p * (dp - sum_keys dp * p)} with p given. */
  void throughProbabilities(double[] dp) {
    ds = new double[p.length];
    dsNoise = new double[p.length];
    for (int row = 0; row < rows; row++) {
      double dot = 0;
      double squares = 0;
      for (int at = row * s.keys(); at < (row + 1) * s.keys(); at++) {
        dot += dp[at] * p[at];
        squares += square(dp[at] * p[at]);
      }
      for (int at = row * s.keys(); at < (row + 1) * s.keys(); at++) {
        ds[at] = p[at] * (dp[at] - dot);
        dsNoise[at] = p[at] * growth(s.keys()) * Math.sqrt(squares) + 2 * Math.abs(ds[at]);
      }
    }
  }

  /** Of {@code dq = scale * ds k}. */
  double[] dq() {
    double[] squares = new double[q.length];
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < s.keys(); j++) {
        int at = row * s.keys() + j;
        double each = s.scale() * (dsNoise[at] + growth(s.keys()) * Math.abs(ds[at]));
        for (int d = 0; d < s.headDim(); d++) {
          squares[queryAt(row) + d] += square(each * k[keyAt(row, j) + d]);
        }
      }
    }
    return roots(squares);
  }

  /** Of {@code dk = scale * ds^T q}. */
  double[] dk() {
    double[] squares = new double[k.length];
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < s.keys(); j++) {
        int at = row * s.keys() + j;
        double each = s.scale() * (dsNoise[at] + growth(s.queries()) * Math.abs(ds[at]));
        for (int d = 0; d < s.headDim(); d++) {
          squares[keyAt(row, j) + d] += square(each * q[queryAt(row) + d]);
        }
      }
    }
    return roots(squares);
  }

  /** Of {@code dv = p^T dout}. */
  double[] dv(double[] dout) {
    double[] squares = new double[k.length];
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < s.keys(); j++) {
        int at = row * s.keys() + j;
        double each = (relative[at] + growth(s.queries())) * p[at];
        for (int d = 0; d < s.headDim(); d++) {
          squares[keyAt(row, j) + d] += square(each * dout[queryAt(row) + d]);
        }
      }
    }
    return roots(squares);
  }

  private static double growth(int length) {
    return 1 + Math.sqrt(length) / 2;
  }

  private static double square(double value) {
    return value * value;
  }

  private static double[] roots(double[] squares) {
    for (int i = 0; i < squares.length; i++) {
      squares[i] = Math.sqrt(squares[i]);
    }
    return notBelowTiny(squares);
  }

  /** Exponentials below the smallest float may be 0, so nothing need be closer than 1e-30. */
  private static double[] notBelowTiny(double[] noise) {
    for (int i = 0; i < noise.length; i++) {
      noise[i] = Math.max(noise[i], 1e-30 * 0x1p24);
    }
    return noise;
  }

  private int queryAt(int row) {
    int sample = row / s.queries() / s.heads();
    int head = row / s.queries() % s.heads();
    return (sample * s.queries() + row % s.queries()) * s.width() + head * s.headDim();
  }

  private int keyAt(int row, int j) {
    int sample = row / s.queries() / s.heads();
    int head = row / s.queries() % s.heads();
    return (sample * s.keys() + j) * s.width() + head * s.headDim();
  }
}
