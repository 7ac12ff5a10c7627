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
    double[] out = operands.output("out", outTensor, queryRows(s), s.width());
    double[] logSumExp = operands.output("logSumExp", logSumExpTensor, headRows(s), s.queries());
    double[] scores = new double[s.keys()];
    double[] p = new double[s.keys()];
    for (int row = 0; row < logSumExp.length; row++) {
      scores(s, q, k, row, scores);
      logSumExp[row] = logSumExp(scores, visible(s, row));
      exponentials(scores, visible(s, row), logSumExp[row], p, 0);
      int outAt = queryAt(s, row);
      int vAt = keyAt(s, row);
      for (int d = 0; d < s.headDim(); d++) {
        double sum = 0;
        for (int j = 0; j < visible(s, row); j++) {
          sum += p[j] * v[vAt + j * s.width() + d];
        }
        out[outAt + d] = sum;
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
    double[] logSumExp = operands.input("logSumExp", logSumExpTensor, headRows(s), s.queries());
    double[] dq = operands.optionalOutput("dq", dqTensor, queryRows(s), s.width());
    double[] dk = operands.optionalOutput("dk", dkTensor, keyRows(s), s.width());
    double[] dv = operands.optionalOutput("dv", dvTensor, keyRows(s), s.width());
    clear(dq, dk, dv);
    double[] scores = new double[s.keys()];
    double[] p = new double[s.keys()];
    double[] dp = new double[s.keys()];
    for (int row = 0; row < logSumExp.length; row++) {
      scores(s, q, k, row, scores);
      exponentials(scores, visible(s, row), logSumExp[row], p, 0);
      int doutAt = queryAt(s, row);
      for (int j = 0; j < s.keys(); j++) {
        int vAt = keyAt(s, row) + j * s.width();
        dp[j] = 0;
        for (int d = 0; d < s.headDim(); d++) {
          dp[j] += dout[doutAt + d] * v[vAt + d];
          if (dv != null) {
            dv[vAt + d] += p[j] * dout[doutAt + d];
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
    double[] scores = new double[s.keys()];
    for (int row = 0; row < rows; row++) {
      int visible = visible(s, row);
      scores(s, q, k, row, scores);
      exponentials(scores, visible, logSumExp(scores, visible), p, row * s.keys());
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
    double[] dq = operands.optionalOutput("dq", dqTensor, queryRows(s), s.width());
    double[] dk = operands.optionalOutput("dk", dkTensor, keyRows(s), s.width());
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
    int qAt = queryAt(s, row);
    for (int j = 0; j < s.keys(); j++) {
      int kAt = keyAt(s, row) + j * s.width();
      double ds = s.scale() * p[pAt + j] * (dp[dpAt + j] - dot);
      for (int d = 0; d < s.headDim(); d++) {
        if (dq != null) {
          dq[qAt + d] += ds * k[kAt + d];
        }
        if (dk != null) {
          dk[kAt + d] += ds * q[qAt + d];
        }
      }
    }
  }

  /** {@code scale * q . k} of one query with every key. */
  private static void scores(AttentionShape s, double[] q, double[] k, int row, double[] scores) {
    int qAt = queryAt(s, row);
    for (int j = 0; j < s.keys(); j++) {
      int kAt = keyAt(s, row) + j * s.width();
      double sum = 0;
      for (int d = 0; d < s.headDim(); d++) {
        sum += q[qAt + d] * k[kAt + d];
      }
      scores[j] = s.scale() * sum;
    }
  }

  /**
   * {@code log sum_j exp(scores[j])} over the visible keys, by the largest, so that nothing
   * overflows.
   */
  private static double logSumExp(double[] scores, int visible) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < visible; j++) {
      largest = Math.max(largest, scores[j]);
    }
    double sum = 0;
    for (int j = 0; j < visible; j++) {
      sum += Math.exp(scores[j] - largest);
    }
    return largest + Math.log(sum);
  }

  /** {@code p[j] = exp(scores[j] - logSumExp)}, and 0 where the key is not visible. */
  private static void exponentials(
      double[] scores, int visible, double logSumExp, double[] p, int at) {
    for (int j = 0; j < scores.length; j++) {
      p[at + j] = j < visible ? Math.exp(scores[j] - logSumExp) : 0;
    }
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

  /**
   * Where the first key (or value) of the row's sample and head begins; the next follow {@code
   * width} apart.
   */
  private static int keyAt(AttentionShape s, int row) {
    int sample = row / s.queries() / s.heads();
    int head = row / s.queries() % s.heads();
    return sample * s.keys() * s.width() + head * s.headDim();
  }

  private static int queryRows(AttentionShape s) {
    return s.n() * s.queries();
  }

  private static int keyRows(AttentionShape s) {
    return s.n() * s.keys();
  }

  private static int headRows(AttentionShape s) {
    return s.n() * s.heads();
  }

  private static void clear(double[]... gradients) {
    for (double[] gradient : gradients) {
      if (gradient != null) {
        Arrays.fill(gradient, 0);
      }
    }
  }

  private static double[] queries(Operands operands, String role, AttentionShape s, Tensor t) {
    return operands.input(role, t, queryRows(s), s.width());
  }

  private static double[] keys(Operands operands, String role, AttentionShape s, Tensor t) {
    operands.require(s.keys() > 0, "there are no keys to attend to");
    return operands.input(role, t, keyRows(s), s.width());
  }
}
