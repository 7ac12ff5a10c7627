// Attention where its cuts are hardest: tails of lanes, split keys, extreme scores.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.AttentionShape;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("kernels")
final class AttentionTest {
  /** Operands and results of one forward and backward. */
  private static final class Run {
    final AttentionShape shape;
    final Tensor q;
    final Tensor k;
    final Tensor v;
    final Tensor dout;
    final Tensor out;
    final Tensor logSumExp;
    final Tensor dq;
    final Tensor dk;
    final Tensor dv;

    Run(AttentionShape shape, float size) {
      this.shape = shape;
      Shape queries = Shape.of(shape.n(), shape.queries(), shape.width());
      Shape keys = Shape.of(shape.n(), shape.keys(), shape.width());
      q = signal("q", queries, 1, size);
      k = signal("k", keys, 2, size);
      v = signal("v", keys, 3, 1);
      dout = signal("dout", queries, 4, 1);
      out = signal("out", queries, 5, 1);
      logSumExp = signal("logSumExp", Shape.of(shape.n(), shape.heads(), shape.queries()), 6, 1);
      dq = signal("dq", queries, 7, 1);
      dk = signal("dk", keys, 8, 1);
      dv = signal("dv", keys, 9, 1);
    }

    Run with(int threads) {
      try (Cpu cpu = new Cpu(threads)) {
        cpu.attention(shape, q, k, v, out, logSumExp);
        cpu.attentionBackward(shape, dout, q, k, v, out, logSumExp, dq, dk, dv);
      }
      return this;
    }
  }

  private static Tensor signal(String name, Shape shape, long seed, float size) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    return Tensor.of(name, shape, values);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1, false", "2, 3, 37, 77, 59, false", "1, 2, 33, 129, 40, true",
    "1, 1, 40, 333, 17, false", "1, 1, 300, 270, 8, true", "2, 2, 64, 32, 32, false"
  })
  void matchesPlainLoops(int n, int heads, int queries, int keys, int d, boolean causal) {
    AttentionShape shape = new AttentionShape(n, heads, queries, keys, d, 0.3f, causal);
    Run run = new Run(shape, 1).with(2);
    double[] dq = new double[run.dq.size()];
    double[] dk = new double[run.dk.size()];
    double[] dv = new double[run.dv.size()];
    for (int row = 0; row < n * heads * queries; row++) {
      checkRow(run, row, dq, dk, dv);
    }
    assertClose(dq, run.dq.floats(), "dq");
    assertClose(dk, run.dk.floats(), "dk");
    assertClose(dv, run.dv.floats(), "dv");
  }

  /** One query of one head, from the definition; its out and logSumExp are compared at once. */
  private static void checkRow(Run run, int row, double[] dq, double[] dk, double[] dv) {
    AttentionShape s = run.shape;
    int d = s.headDim();
    int query = row % s.queries();
    int head = row / s.queries() % s.heads() * d;
    int sample = row / s.queries() / s.heads();
    int at = (sample * s.queries() + query) * s.width() + head;
    int seen = s.causal() ? Math.min(s.keys(), query + 1) : s.keys();
    double[] p = new double[seen];
    double sum = 0;
    for (int j = 0; j < seen; j++) {
      int key = (sample * s.keys() + j) * s.width() + head;
      double score = 0;
      for (int c = 0; c < d; c++) {
        score += (double) run.q.floats()[at + c] * run.k.floats()[key + c];
      }
      p[j] = Math.exp(score * s.scale());
      sum += p[j];
    }
    assertEquals(Math.log(sum), run.logSumExp.floats()[row], 2e-6 * (1 + Math.log(sum)));
    double[] out = new double[d];
    double[] dp = new double[seen];
    double dot = 0;
    for (int j = 0; j < seen; j++) {
      int key = (sample * s.keys() + j) * s.width() + head;
      p[j] /= sum;
      for (int c = 0; c < d; c++) {
        out[c] += p[j] * run.v.floats()[key + c];
        dp[j] += (double) run.dout.floats()[at + c] * run.v.floats()[key + c];
        dv[key + c] += p[j] * run.dout.floats()[at + c];
      }
      dot += p[j] * dp[j];
    }
    for (int c = 0; c < d; c++) {
      assertEquals(out[c], run.out.floats()[at + c], 2e-6, "out of row " + row);
    }
    for (int j = 0; j < seen; j++) {
      int key = (sample * s.keys() + j) * s.width() + head;
      double ds = s.scale() * p[j] * (dp[j] - dot);
      for (int c = 0; c < d; c++) {
        dq[at + c] += ds * run.k.floats()[key + c];
        dk[key + c] += ds * run.q.floats()[at + c];
      }
    }
  }

  private static void assertClose(double[] expected, float[] actual, String name) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += (expected[i] - actual[i]) * (expected[i] - actual[i]);
      norm += expected[i] * expected[i];
    }
    double relative = Math.sqrt(error / Math.max(norm, 1e-30));
    assertTrue(relative <= 3e-6 || norm < 1e-20 && error < 1e-20, name + ": " + relative);
  }

  /**
   * Splits depend on the shape, so every thread count gives the same bytes; few heads split keys.
   */
  @ParameterizedTest
  @CsvSource({"1, 1, 200, 333, 40, false", "3, 5, 33, 77, 16, true"})
  void sameBytesForAnyNumberOfThreads(
      int n, int heads, int queries, int keys, int d, boolean causal) {
    AttentionShape shape = new AttentionShape(n, heads, queries, keys, d, 0.2f, causal);
    Run one = new Run(shape, 1).with(1);
    for (int threads : new int[] {2, 5}) {
      Run other = new Run(shape, 1).with(threads);
      assertArrayEquals(one.out.floats(), other.out.floats());
      assertArrayEquals(one.logSumExp.floats(), other.logSumExp.floats());
      assertArrayEquals(one.dq.floats(), other.dq.floats());
      assertArrayEquals(one.dk.floats(), other.dk.floats());
      assertArrayEquals(one.dv.floats(), other.dv.floats());
    }
  }

  /** With scores of some hundreds, what pads the last tile may not overflow into the results. */
  @Test
  void extremeScoresStayFinite() {
    AttentionShape shape = new AttentionShape(1, 1, 19, 45, 12, 1f, false);
    Run run = new Run(shape, 12);
    // All scores far below zero: 2^-score of a padded lane would be infinite.
    java.util.Arrays.fill(run.q.floats(), 9f);
    java.util.Arrays.fill(run.k.floats(), -9f);
    run.with(1);
    for (Tensor result : new Tensor[] {run.out, run.logSumExp, run.dq, run.dk, run.dv}) {
      for (float value : result.floats()) {
        assertTrue(Float.isFinite(value), result + " holds " + value);
      }
    }
    double expected = -9 * 9 * 12 + Math.log(45);
    assertEquals(expected, run.logSumExp.floats()[3], 2 * Math.ulp((float) expected));
    Run random = new Run(shape, 12).with(1);
    for (float value : random.dq.floats()) {
      assertTrue(Float.isFinite(value));
    }
  }

  @Test
  void gradientsThatAreNotWantedAreLeftOut() {
    AttentionShape shape = AttentionShape.of(1, 2, 20, 12, 8);
    Run whole = new Run(shape, 1).with(1);
    Run part = new Run(shape, 1);
    try (Cpu cpu = new Cpu(1)) {
      cpu.attention(shape, part.q, part.k, part.v, part.out, part.logSumExp);
      cpu.attentionBackward(
          shape, part.dout, part.q, part.k, part.v, part.out, part.logSumExp, null, part.dk, null);
    }
    assertArrayEquals(whole.dk.floats(), part.dk.floats());
  }
}
