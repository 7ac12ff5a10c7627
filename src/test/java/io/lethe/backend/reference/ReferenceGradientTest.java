// Proves every backward primitive of the reference by finite differences of its forward.
package io.lethe.backend.reference;

import static io.lethe.backend.reference.Doubles.filled;
import static io.lethe.backend.reference.Doubles.nan;
import static io.lethe.backend.reference.Doubles.normal;
import static io.lethe.backend.reference.Doubles.tensor;

import io.lethe.backend.Activation;
import io.lethe.backend.AttentionShape;
import io.lethe.backend.ConvShape;
import io.lethe.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Activation gradients start as NaN, so that one left unwritten fails; parameter gradients start at
 * 1 and grow.
 */
final class ReferenceGradientTest {
  private final Reference reference = new Reference();

  @Test
  void matrixProductWithEachOperandTransposedIsTheGradientOfTheProduct() {
    int m = 5;
    int n = 3;
    int k = 7;
    Tensor x = normal(1, m, k);
    Tensor w = normal(2, n, k);
    Tensor bias = normal(3, n);
    Tensor dy = normal(4, m, n);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(m, n);
          reference.gemm(false, true, m, n, k, x, w, bias, y, false);
          return y.doubles();
        };
    Tensor dx = nan(m, k);
    reference.gemm(false, false, m, k, n, dy, w, null, dx, false);
    Tensor dw = filled(1, n, k);
    reference.gemm(true, false, n, k, m, dy, x, null, dw, true);
    Tensor dbias = filled(1, n);
    reference.sumRows(dy, dbias);
    FiniteDifferences.check("gemm dx", x.doubles(), forward, dy.doubles(), dx.doubles());
    FiniteDifferences.check("gemm dw", w.doubles(), forward, dy.doubles(), grown(dw));
    FiniteDifferences.check("gemm dbias", bias.doubles(), forward, dy.doubles(), grown(dbias));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2 7 5 3 5 3 1 1 1 1 1",
        "1 8 7 3 2 3 2 0 0 1 1",
        "3 3 5 2 7 1 1 0 0 0 0",
        "1 7 5 2 3 4 3 2 1 0 3"
      })
  void convolution(String extents) {
    int[] e = Arrays.stream(extents.split(" ")).mapToInt(Integer::parseInt).toArray();
    ConvShape s =
        new ConvShape(e[0], e[1], e[2], e[3], e[4], e[5], e[5], e[6], e[7], e[8], e[9], e[10]);
    int pixels = s.height() * s.width();
    int positions = s.outHeight() * s.outWidth();
    Tensor x = normal(1, s.n(), pixels, s.channels());
    Tensor w = normal(2, s.filters(), s.channels(), s.kernelHeight(), s.kernelWidth());
    Tensor bias = normal(3, s.filters());
    Tensor dy = normal(4, s.n(), positions, s.filters());
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(s.n(), positions, s.filters());
          reference.conv2d(s, x, w, bias, y);
          return y.doubles();
        };
    Tensor dx = nan(s.n(), pixels, s.channels());
    reference.conv2dInputGradient(s, dy, w, dx);
    Tensor dw = filled(1, s.filters(), s.channels(), s.kernelHeight(), s.kernelWidth());
    reference.conv2dWeightGradient(s, dy, x, dw);
    Tensor dbias = filled(1, s.filters());
    reference.sumRows(dy, dbias);
    FiniteDifferences.check("conv dx", x.doubles(), forward, dy.doubles(), dx.doubles());
    FiniteDifferences.check("conv dw", w.doubles(), forward, dy.doubles(), grown(dw));
    FiniteDifferences.check("conv dbias", bias.doubles(), forward, dy.doubles(), grown(dbias));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 true", "1 false", "3 true", "3 false", "9 true", "9 false"})
  void groupNorm(String groupsAndSilu) {
    int groups = Integer.parseInt(groupsAndSilu.split(" ")[0]);
    boolean silu = groupsAndSilu.endsWith("true");
    Tensor x = normal(1, 2, 5, 9);
    Tensor gamma = normal(2, 9);
    Tensor beta = normal(3, 9);
    Tensor dy = normal(4, 2, 5, 9);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(2, 5, 9);
          reference.groupNorm(
              groups, 1e-5, silu, x, gamma, beta, y, nan(2, groups), nan(2, groups));
          return y.doubles();
        };
    Tensor mean = nan(2, groups);
    Tensor rstd = nan(2, groups);
    reference.groupNorm(groups, 1e-5, silu, x, gamma, beta, nan(2, 5, 9), mean, rstd);
    Tensor dx = nan(2, 5, 9);
    Tensor dgamma = filled(1, 9);
    Tensor dbeta = filled(1, 9);
    reference.groupNormBackward(groups, silu, dy, x, gamma, beta, mean, rstd, dx, dgamma, dbeta);
    FiniteDifferences.check("group dx", x.doubles(), forward, dy.doubles(), dx.doubles());
    FiniteDifferences.check("dgamma", gamma.doubles(), forward, dy.doubles(), grown(dgamma));
    FiniteDifferences.check("dbeta", beta.doubles(), forward, dy.doubles(), grown(dbeta));
  }

  @Test
  void layerNorm() {
    Tensor x = normal(1, 2, 3, 7);
    Tensor gamma = normal(2, 7);
    Tensor beta = normal(3, 7);
    Tensor dy = normal(4, 2, 3, 7);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(2, 3, 7);
          reference.layerNorm(1e-5, x, gamma, beta, y, nan(6), nan(6));
          return y.doubles();
        };
    Tensor mean = nan(6);
    Tensor rstd = nan(6);
    reference.layerNorm(1e-5, x, gamma, beta, nan(2, 3, 7), mean, rstd);
    Tensor dx = nan(2, 3, 7);
    Tensor dgamma = filled(1, 7);
    Tensor dbeta = filled(1, 7);
    reference.layerNormBackward(dy, x, gamma, mean, rstd, dx, dgamma, dbeta);
    FiniteDifferences.check("layer dx", x.doubles(), forward, dy.doubles(), dx.doubles());
    FiniteDifferences.check("dgamma", gamma.doubles(), forward, dy.doubles(), grown(dgamma));
    FiniteDifferences.check("dbeta", beta.doubles(), forward, dy.doubles(), grown(dbeta));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attention(boolean causal) {
    AttentionShape s = new AttentionShape(2, 3, 5, 7, 3, 0.7f, causal);
    Tensor q = normal(1, 2, 5, 9);
    Tensor k = normal(2, 2, 7, 9);
    Tensor v = normal(3, 2, 7, 9);
    Tensor dout = normal(4, 2, 5, 9);
    Supplier<double[]> forward =
        () -> {
          Tensor out = nan(2, 5, 9);
          reference.attention(s, q, k, v, out, nan(2, 3, 5));
          return out.doubles();
        };
    Tensor out = nan(2, 5, 9);
    Tensor logSumExp = nan(2, 3, 5);
    reference.attention(s, q, k, v, out, logSumExp);
    Tensor dq = nan(2, 5, 9);
    Tensor dk = nan(2, 7, 9);
    Tensor dv = nan(2, 7, 9);
    reference.attentionBackward(s, dout, q, k, v, out, logSumExp, dq, dk, dv);
    FiniteDifferences.check("dq", q.doubles(), forward, dout.doubles(), dq.doubles());
    FiniteDifferences.check("dk", k.doubles(), forward, dout.doubles(), dk.doubles());
    FiniteDifferences.check("dv", v.doubles(), forward, dout.doubles(), dv.doubles());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attentionProbabilities(boolean causal) {
    AttentionShape s = new AttentionShape(2, 3, 5, 7, 3, 0.7f, causal);
    Tensor q = normal(1, 2, 5, 9);
    Tensor k = normal(2, 2, 7, 9);
    Tensor dp = normal(3, 2, 3, 5, 7);
    Supplier<double[]> forward =
        () -> {
          Tensor p = nan(2, 3, 5, 7);
          reference.attentionProbabilities(s, q, k, p);
          return p.doubles();
        };
    Tensor p = tensor(forward.get(), 2, 3, 5, 7);
    Tensor dq = nan(2, 5, 9);
    Tensor dk = nan(2, 7, 9);
    reference.attentionProbabilitiesBackward(s, dp, q, k, p, dq, dk);
    FiniteDifferences.check("dq", q.doubles(), forward, dp.doubles(), dq.doubles());
    FiniteDifferences.check("dk", k.doubles(), forward, dp.doubles(), dk.doubles());
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void activation(Activation kind) {
    Tensor x = scaled(2, normal(1, 3, 7));
    Tensor dy = normal(2, 3, 7);
    Tensor dx = nan(3, 7);
    reference.activationBackward(kind, dy, x, dx);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(3, 7);
          reference.activation(kind, x, y);
          return y.doubles();
        };
    FiniteDifferences.check(kind + " dx", x.doubles(), forward, dy.doubles(), dx.doubles());
  }

  @Test
  void geglu() {
    Tensor x = scaled(2, normal(1, 3, 14));
    Tensor dy = normal(2, 3, 7);
    Tensor dx = nan(3, 14);
    reference.gegluBackward(dy, x, dx);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(3, 7);
          reference.geglu(x, y);
          return y.doubles();
        };
    FiniteDifferences.check("geglu dx", x.doubles(), forward, dy.doubles(), dx.doubles());
  }

  @Test
  void broadcastsAndTheirSums() {
    Tensor x = normal(1, 2, 5, 3);
    Tensor vector = normal(2, 2, 3);
    Tensor table = normal(3, 5, 3);
    Tensor dy = normal(4, 2, 5, 3);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(2, 5, 3);
          reference.addPerSample(x, vector, y);
          Tensor z = nan(2, 5, 3);
          reference.addPerPosition(y, table, z);
          return z.doubles();
        };
    Tensor dvector = nan(2, 3);
    reference.sumPositions(dy, dvector);
    Tensor dtable = filled(1, 5, 3);
    reference.sumSamples(dy, dtable);
    FiniteDifferences.check("x", x.doubles(), forward, dy.doubles(), dy.doubles());
    FiniteDifferences.check("vector", vector.doubles(), forward, dy.doubles(), dvector.doubles());
    FiniteDifferences.check("table", table.doubles(), forward, dy.doubles(), grown(dtable));
  }

  @Test
  void normalizeRows() {
    Tensor x = normal(1, 5, 7);
    Tensor dout = normal(2, 5, 7);
    Tensor out = nan(5, 7);
    Tensor norm = nan(5);
    reference.normalizeRows(x, out, norm);
    Tensor dx = nan(5, 7);
    reference.normalizeRowsBackward(dout, out, norm, dx);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(5, 7);
          reference.normalizeRows(x, y, nan(5));
          return y.doubles();
        };
    FiniteDifferences.check("unit dx", x.doubles(), forward, dout.doubles(), dx.doubles());
  }

  @Test
  void concatenation() {
    Tensor a = normal(1, 2, 3, 5);
    Tensor b = normal(2, 2, 3, 2);
    Tensor dy = normal(3, 2, 3, 7);
    Tensor da = nan(2, 3, 5);
    Tensor db = nan(2, 3, 2);
    reference.splitChannels(dy, 5, da, db);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(2, 3, 7);
          reference.concatChannels(a, b, y);
          return y.doubles();
        };
    FiniteDifferences.check("da", a.doubles(), forward, dy.doubles(), da.doubles());
    FiniteDifferences.check("db", b.doubles(), forward, dy.doubles(), db.doubles());
  }

  @Test
  void upsampling() {
    Tensor x = normal(1, 2, 15, 3);
    Tensor dy = normal(2, 2, 60, 3);
    Tensor dx = nan(2, 15, 3);
    reference.upsampleNearestBackward(3, 5, dy, dx);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(2, 60, 3);
          reference.upsampleNearest(3, 5, x, y);
          return y.doubles();
        };
    FiniteDifferences.check("up dx", x.doubles(), forward, dy.doubles(), dx.doubles());
  }

  @Test
  void lookUp() {
    int[] ids = {4, 0, 4, 2, 1};
    Tensor table = normal(1, 5, 3);
    Tensor dy = normal(2, 5, 3);
    Tensor dtable = filled(1, 5, 3);
    reference.scatterAddRows(dy, ids, dtable);
    Supplier<double[]> forward =
        () -> {
          Tensor y = nan(5, 3);
          reference.gatherRows(table, ids, y);
          return y.doubles();
        };
    FiniteDifferences.check("table", table.doubles(), forward, dy.doubles(), grown(dtable));
  }

  @Test
  void meanSquaredError() {
    Tensor x = normal(1, 3, 5, 2);
    Tensor target = normal(2, 3, 5, 2);
    for (double[] weights : new double[][] {null, {0.5, 2, 3}}) {
      Tensor dx = nan(3, 5, 2);
      reference.meanSquaredErrorBackward(1.5, x, target, weights, dx);
      Supplier<double[]> forward =
          () -> new double[] {reference.meanSquaredError(x, target, weights)};
      FiniteDifferences.check("mse", x.doubles(), forward, new double[] {1.5}, dx.doubles());
    }
  }

  @Test
  void crossEntropy() {
    int[] targets = {2, 0, 6, 2, 3};
    Tensor logits = normal(1, 5, 7);
    Tensor probabilities = nan(5, 7);
    reference.crossEntropy(logits, targets, probabilities);
    Tensor dlogits = nan(5, 7);
    reference.crossEntropyBackward(1.5, probabilities, targets, dlogits);
    Supplier<double[]> forward =
        () -> new double[] {reference.crossEntropy(logits, targets, nan(5, 7))};
    FiniteDifferences.check(
        "cross entropy", logits.doubles(), forward, new double[] {1.5}, dlogits.doubles());
  }

  /** What was added to a gradient that began at 1. */
  private static double[] grown(Tensor gradient) {
    return Arrays.stream(gradient.doubles()).map(value -> value - 1).toArray();
  }

  private static Tensor scaled(double factor, Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      tensor.doubles()[i] *= factor;
    }
    return tensor;
  }
}
