// The definition of multi-head attention, of its probabilities, and of their gradients.
package io.lethe.backend.reference;

import io.lethe.backend.AttentionShape;
import io.lethe.tensor.Tensor;
import java.util.Arrays;

/**
 * With {@code s = scale * q k^T} and {@code p = exp(s - logSumExp)} over the keys that a query may
 * see (under a causal mask: key j of query i where {@code j <= i}), {@code out = p v}. Backward:
 * {@code dv = p^T dout}, {@code dp = dout v^T}, {@code ds = p * (dp - sum_keys dp * p)}, {@code dq
 * = scale * ds k}, {@code dk = scale * ds^T q}.
 */
final class ReferenceAttention {
  private ReferenceAttention() {}

  static void forward(
      AttentionShape s,
      Tensor qTensor,
      Tensor kTensor,
      Tensor vTensor,
      Tensor outTensor,
      Tensor logSumExpTensor) {
    Operands operands = new Operands(s.descriptor());
    double[] q = queries(operands, "q", s, qTensor);
    double[] k = keys(operands, "k", s, kTensor);
    double[] v = keys(operands, "v", s, vTensor);
    double[] out = operands.output("out", outTensor, s.n() * s.queries(), s.width());
    double[] logSumExp =
        operands.output("logSumExp", logSumExpTensor, s.n() * s.heads(), s.queries());
    double[] p = new double[s.keys()];
    for (int row = 0; row < logSumExp.length; row++) {
      logSumExp[row] = logSumExp(s, q, k, row);
      probabilities(s, q, k, row, logSumExp[row], p, 0);
      for (int d = 0; d < s.headDim(); d++) {
        double sum = 0;
        for (int j = 0; j < s.keys(); j++) {
          sum += p[j] * v[keyAt(s, row, j) + d];
        }
        out[queryAt(s, row) + d] = sum;
      }
    }
  }

  static void backward(
      AttentionShape s,
      Tensor doutTensor,
      Tensor qTensor,
      Tensor kTensor,
      Tensor vTensor,
      Tensor outTensor,
      Tensor logSumExpTensor,
      Tensor dqTensor,
      Tensor dkTensor,
      Tensor dvTensor) {
    Operands operands = new Operands(s.descriptor() + " backward");
    double[] dout = queries(operands, "dout", s, doutTensor);
    double[] q = queries(operands, "q", s, qTensor);
    double[] k = keys(operands, "k", s, kTensor);
    double[] v = keys(operands, "v", s, vTensor);
    queries(operands, "out", s, outTensor);
    double[] logSumExp =
        operands.input("logSumExp", logSumExpTensor, s.n() * s.heads(), s.queries());
    double[] dq = operands.optionalOutput("dq", dqTensor, s.n() * s.queries(), s.width());
    double[] dk = operands.optionalOutput("dk", dkTensor, s.n() * s.keys(), s.width());
    double[] dv = operands.optionalOutput("dv", dvTensor, s.n() * s.keys(), s.width());
    clear(dq, dk, dv);
    double[] p = new double[s.keys()];
    double[] dp = new double[s.keys()];
    for (int row = 0; row < logSumExp.length; row++) {
      probabilities(s, q, k, row, logSumExp[row], p, 0);
      for (int j = 0; j < s.keys(); j++) {
        dp[j] = 0;
        for (int d = 0; d < s.headDim(); d++) {
          dp[j] += dout[queryAt(s, row) + d] * v[keyAt(s, row, j) + d];
          if (dv != null) {
            dv[keyAt(s, row, j) + d] += p[j] * dout[queryAt(s, row) + d];
          }
        }
      }
      throughSoftmax(s, q, k, row, p, 0, dp, 0, dq, dk);
    }
  }

  static void probabilities(
      AttentionShape s, Tensor qTensor, Tensor kTensor, Tensor probabilitiesTensor) {
    Operands operands = new Operands(s.descriptor() + " probabilities");
    double[] q = queries(operands, "q", s, qTensor);
    double[] k = keys(operands, "k", s, kTensor);
    int rows = s.n() * s.heads() * s.queries();
    double[] p = operands.output("probabilities", probabilitiesTensor, rows, s.keys());
    for (int row = 0; row < rows; row++) {
      probabilities(s, q, k, row, logSumExp(s, q, k, row), p, row * s.keys());
    }
  }

  static void probabilitiesBackward(
      AttentionShape s,
      Tensor dprobabilitiesTensor,
      Tensor qTensor,
      Tensor kTensor,
      Tensor probabilitiesTensor,
      Tensor dqTensor,
      Tensor dkTensor) {
    Operands operands = new Operands(s.descriptor() + " probabilities backward");
    int rows = s.n() * s.heads() * s.queries();
    double[] dp = operands.input("dprobabilities", dprobabilitiesTensor, rows, s.keys());
    double[] q = queries(operands, "q", s, qTensor);
    double[] k = keys(operands, "k", s, kTensor);
    double[] p = operands.input("probabilities", probabilitiesTensor, rows, s.keys());
    double[] dq = operands.optionalOutput("dq", dqTensor, s.n() * s.queries(), s.width());
    double[] dk = operands.optionalOutput("dk", dkTensor, s.n() * s.keys(), s.width());
    clear(dq, dk);
    for (int row = 0; row < rows; row++) {
      throughSoftmax(s, q, k, row, p, row * s.keys(), dp, row * s.keys(), dq, dk);
    }
  }

  /**
   * Adds to {@code dq} and {@code dk} what one row of {@code dp} sends back through softmax and
   * scores.
   */
  private static void throughSoftmax(
      AttentionShape s,
      double[] q,
      double[] k,
      int row,
      double[] p,
      int pAt,
      double[] dp,
      int dpAt,
      double[] dq,
      double[] dk) {
    double dot = 0;
    for (int j = 0; j < s.keys(); j++) {
      dot += dp[dpAt + j] * p[pAt + j];
    }
    for (int j = 0; j < s.keys(); j++) {
      double ds = s.scale() * p[pAt + j] * (dp[dpAt + j] - dot);
      for (int d = 0; d < s.headDim(); d++) {
        if (dq != null) {
          dq[queryAt(s, row) + d] += ds * k[keyAt(s, row, j) + d];
        }
        if (dk != null) {
          dk[keyAt(s, row, j) + d] += ds * q[queryAt(s, row) + d];
        }
      }
    }
  }

  private static double logSumExp(AttentionShape s, double[] q, double[] k, int row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < visible(s, row); j++) {
      largest = Math.max(largest, score(s, q, k, row, j));
    }
    double sum = 0;
    for (int j = 0; j < visible(s, row); j++) {
      sum += Math.exp(score(s, q, k, row, j) - largest);
    }
    return largest + Math.log(sum);
  }

  private static void probabilities(
      AttentionShape s, double[] q, double[] k, int row, double logSumExp, double[] p, int at) {
    for (int j = 0; j < s.keys(); j++) {
      p[at + j] = j < visible(s, row) ? Math.exp(score(s, q, k, row, j) - logSumExp) : 0;
    }
  }

  private static double score(AttentionShape s, double[] q, double[] k, int row, int j) {
    double sum = 0;
    for (int d = 0; d < s.headDim(); d++) {
      sum += q[queryAt(s, row) + d] * k[keyAt(s, row, j) + d];
    }
    return s.scale() * sum;
  }

  /** How many keys, from the first on, the query of this row may see. */
  private static int visible(AttentionShape s, int row) {
    return s.causal() ? Math.min(s.keys(), row % s.queries() + 1) : s.keys();
  }

  /** Where the query of a row of {@code [n, heads, queries]} begins. */
  private static int queryAt(AttentionShape s, int row) {
    int sample = row / s.queries() / s.heads();
    int head = row / s.queries() % s.heads();
    return (sample * s.queries() + row % s.queries()) * s.width() + head * s.headDim();
  }

  /** Where key (or value) j of the row's sample and head begins. */
  private static int keyAt(AttentionShape s, int row, int j) {
    int sample = row / s.queries() / s.heads();
    int head = row / s.queries() % s.heads();
    return (sample * s.keys() + j) * s.width() + head * s.headDim();
  }

  private static void clear(double[]... gradients) {
    for (double[] gradient : gradients) {
      if (gradient != null) {
        Arrays.fill(gradient, 0);
      }
    }
  }

  private static double[] queries(Operands operands, String role, AttentionShape s, Tensor t) {
    return operands.input(role, t, s.n() * s.queries(), s.width());
  }

  private static double[] keys(Operands operands, String role, AttentionShape s, Tensor t) {
    operands.require(s.keys() > 0, "there are no keys to attend to");
    return operands.input(role, t, s.n() * s.keys(), s.width());
  }
}
