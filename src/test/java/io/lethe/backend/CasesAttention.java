// Cases of attention, its probabilities, and their gradients.
package io.lethe.backend;

import io.lethe.backend.reference.Reference;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.List;

/**
 * Descriptors of {@link AttentionShape}; the suffix {@code hot} has scores of some tens, one key
 * taking almost all.
 */
final class CasesAttention {
  private static final AttentionShape[] SHAPES = {
    AttentionShape.of(2, 3, 113, 77, 40),
    AttentionShape.of(3, 1, 7, 113, 59),
    AttentionShape.of(1, 2, 77, 77, 64),
    AttentionShape.of(1, 2, 113, 113, 80),
    AttentionShape.of(1, 1, 33, 77, 160),
    AttentionShape.of(1, 1, 49, 49, 512),
    AttentionShape.of(2, 2, 65, 33, 8),
    AttentionShape.of(1, 1, 130, 300, 40),
    AttentionShape.of(1, 3, 5, 2, 3),
    AttentionShape.of(1, 1, 600, 140, 8),
    causal(2, 3, 77, 64),
    causal(1, 2, 113, 59),
    causal(1, 1, 7, 5),
    causal(1, 1, 300, 8),
  };

  private CasesAttention() {}

  static void addTo(List<BackendContractCase> cases) {
    for (AttentionShape s : SHAPES) {
      cases.add(forward(s, 1));
      cases.add(backward(s, 1, true, true, true));
      cases.add(probabilities(s, 1));
      cases.add(probabilitiesBackward(s, true, true));
    }
    for (AttentionShape s : new AttentionShape[] {SHAPES[0], SHAPES[10]}) {
      cases.add(forward(s, 8));
      cases.add(backward(s, 8, true, true, true));
      cases.add(probabilities(s, 8));
    }
    for (AttentionShape s : new AttentionShape[] {SHAPES[6], SHAPES[12]}) {
      cases.add(backward(s, 1, true, false, false));
      cases.add(backward(s, 1, false, true, true));
      cases.add(backward(s, 1, false, false, true));
      cases.add(backward(s, 1, false, true, false));
      cases.add(probabilitiesBackward(s, true, false));
      cases.add(probabilitiesBackward(s, false, true));
    }
  }

  private static AttentionShape causal(int n, int heads, int length, int headDim) {
    return new AttentionShape(n, heads, length, length, headDim, 0.125f, true);
  }

  private static BackendContractCase forward(AttentionShape s, double heat) {
    return new BackendContractCase(
        name("attention", s, heat),
        "attention",
        () -> {
          double[] q = heated(1, s, heat);
          double[] k = keys(2, s);
          double[] v = keys(3, s);
          CasesAttentionNoise noise = new CasesAttentionNoise(s, q, k);
          CasesBound sums = CasesBound.noise(noise.logSumExp());
          return new CasesCall()
              .read("q", q, s.n(), s.queries(), s.width())
              .read("k", k, s.n(), s.keys(), s.width())
              .read("v", v, s.n(), s.keys(), s.width())
              .written("out", CasesBound.noise(noise.out(v)), s.n(), s.queries(), s.width())
              .written("logSumExp", sums, s.n(), s.heads(), s.queries())
              .on((b, t) -> b.attention(s, t[0], t[1], t[2], t[3], t[4]));
        });
  }

  private static BackendContractCase backward(
      AttentionShape s, double heat, boolean dq, boolean dk, boolean dv) {
    return new BackendContractCase(
        name("attentionBackward", s, heat)
            + (dq ? "" : "_nodq")
            + (dk ? "" : "_nodk")
            + (dv ? "" : "_nodv"),
        "attentionBackward",
        () -> {
          double[] q = heated(2, s, heat);
          double[] k = keys(3, s);
          double[] v = keys(4, s);
          double[] dout = CasesOperand.single(CasesSignal.normal(1, q.length));
          double[] out = new double[q.length];
          double[] logSumExp = new double[s.n() * s.heads() * s.queries()];
          new Reference()
              .attention(
                  s,
                  queries(s, q),
                  keys(s, k),
                  keys(s, v),
                  queries(s, out),
                  Tensor.of("l", Shape.of(s.n(), s.heads(), s.queries()), logSumExp));
          CasesAttentionNoise noise = new CasesAttentionNoise(s, q, k);
          noise.throughValues(dout, v, out);
          return new CasesCall()
              .read("dout", dout, s.n(), s.queries(), s.width())
              .read("q", q, s.n(), s.queries(), s.width())
              .read("k", k, s.n(), s.keys(), s.width())
              .read("v", v, s.n(), s.keys(), s.width())
              .read("out", out, s.n(), s.queries(), s.width())
              .read("logSumExp", logSumExp, s.n(), s.heads(), s.queries())
              .written("dq", CasesBound.noise(noise.dq()), s.n(), s.queries(), s.width())
              .when(dq)
              .written("dk", CasesBound.noise(noise.dk()), s.n(), s.keys(), s.width())
              .when(dk)
              .written("dv", CasesBound.noise(noise.dv(dout)), s.n(), s.keys(), s.width())
              .when(dv)
              .on((b, t) ->
                  b.attentionBackward(s, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]));
        });
  }

  private static BackendContractCase probabilities(AttentionShape s, double heat) {
    return new BackendContractCase(
        name("attentionProbabilities", s, heat),
        "attentionProbabilities",
        () -> {
          double[] q = heated(1, s, heat);
          double[] k = keys(2, s);
          CasesBound bound = CasesBound.noise(new CasesAttentionNoise(s, q, k).probabilities());
          return new CasesCall()
              .read("q", q, s.n(), s.queries(), s.width())
              .read("k", k, s.n(), s.keys(), s.width())
              .written("probabilities", bound, s.n(), s.heads(), s.queries(), s.keys())
              .on((b, t) -> b.attentionProbabilities(s, t[0], t[1], t[2]));
        });
  }

  private static BackendContractCase probabilitiesBackward(
      AttentionShape s, boolean dq, boolean dk) {
    return new BackendContractCase(
        name("attentionProbabilitiesBackward", s, 1) + (dq ? "" : "_nodq") + (dk ? "" : "_nodk"),
        "attentionProbabilitiesBackward",
        () -> {
          double[] q = heated(2, s, 1);
          double[] k = keys(3, s);
          double[] p = new double[s.n() * s.heads() * s.queries() * s.keys()];
          Shape square = Shape.of(s.n(), s.heads(), s.queries(), s.keys());
          new Reference()
              .attentionProbabilities(s, queries(s, q), keys(s, k), Tensor.of("p", square, p));
          double[] dp = CasesOperand.single(CasesSignal.normal(1, p.length));
          CasesAttentionNoise noise = new CasesAttentionNoise(s, q, k);
          noise.throughProbabilities(dp);
          return new CasesCall()
              .read("dprobabilities", dp, square.extents())
              .read("q", q, s.n(), s.queries(), s.width())
              .read("k", k, s.n(), s.keys(), s.width())
              .read("probabilities", p, square.extents())
              .written("dq", CasesBound.noise(noise.dq()), s.n(), s.queries(), s.width())
              .when(dq)
              .written("dk", CasesBound.noise(noise.dk()), s.n(), s.keys(), s.width())
              .when(dk)
              .on((b, t) ->
                  b.attentionProbabilitiesBackward(s, t[0], t[1], t[2], t[3], t[4], t[5]));
        });
  }

  private static double[] heated(long seed, AttentionShape s, double heat) {
    double[] values = CasesSignal.normal(seed, s.n() * s.queries() * s.width());
    for (int i = 0; i < values.length; i++) {
      values[i] *= heat;
    }
    return CasesOperand.single(values);
  }

  private static double[] keys(long seed, AttentionShape s) {
    return CasesOperand.single(CasesSignal.normal(seed, s.n() * s.keys() * s.width()));
  }

  private static Tensor queries(AttentionShape s, double[] values) {
    return Tensor.of("queries", Shape.of(s.n(), s.queries(), s.width()), values);
  }

  private static Tensor keys(AttentionShape s, double[] values) {
    return Tensor.of("keys", Shape.of(s.n(), s.keys(), s.width()), values);
  }

  private static String name(String pass, AttentionShape s, double heat) {
    return s.descriptor().replace("attention_", pass + "_") + (heat == 1 ? "" : "_hot");
  }
}
