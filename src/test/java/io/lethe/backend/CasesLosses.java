// Cases of the losses and of the sum of squares.
package io.lethe.backend;

import io.lethe.backend.reference.Reference;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.List;

/**
 * {@code crossEntropy_r33c77}; the suffix {@code hot} has logits of some tens, as CLIP's
 * temperature makes them.
 */
final class CasesLosses {
  private CasesLosses() {}

  static void addTo(List<BackendContractCase> cases) {
    for (int[] size : new int[][] {{3, 49, 33}, {1, 1, 7}, {2, 1024, 40}}) {
      for (boolean weighted : new boolean[] {false, true}) {
        meanSquaredError(cases, size[0], size[1], size[2], weighted);
      }
    }
    for (int[] size : new int[][] {{33, 77}, {1, 7}, {5, 264}, {113, 1025}}) {
      crossEntropy(cases, size[0], size[1], 1);
    }
    crossEntropy(cases, 33, 77, 30);
    for (int elements : new int[] {1, 7, 33, 1037, 100003}) {
      cases.add(sumOfSquares(elements));
    }
  }

  private static void meanSquaredError(
      List<BackendContractCase> cases, int n, int p, int c, boolean weighted) {
    double[] weights = weighted ? CasesSignal.normal(9, n) : null;
    String extents = "_n" + n + "p" + p + "c" + c + (weighted ? "_weighted" : "");
    cases.add(
        new BackendContractCase(
            "meanSquaredError" + extents,
            "meanSquaredError",
            () ->
                new CasesCall()
                    .read("x", n, p, c)
                    .read("target", n, p, c)
                    .returning(
                        CasesBound.pointwise(8),
                        (b, t) -> b.meanSquaredError(t[0], t[1], weights))));
    cases.add(
        new BackendContractCase(
            "meanSquaredErrorBackward" + extents,
            "meanSquaredErrorBackward",
            () ->
                new CasesCall()
                    .read("x", n, p, c)
                    .read("target", n, p, c)
                    .written("dx", CasesBound.sum(1), n, p, c)
                    .on((b, t) -> b.meanSquaredErrorBackward(1.7, t[0], t[1], weights, t[2]))));
  }

  private static void crossEntropy(List<BackendContractCase> cases, int rows, int c, double heat) {
    int[] targets = CasesSignal.integers(9, rows, c);
    double[] logits = CasesSignal.normal(1, rows * c);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= heat;
    }
    String extents = "_r" + rows + "c" + c + (heat == 1 ? "" : "_hot");
    cases.add(
        new BackendContractCase(
            "crossEntropy" + extents,
            "crossEntropy",
            () ->
                new CasesCall()
                    .read("logits", logits, rows, c)
                    .written("probabilities", CasesBound.sum(c).times(heat), rows, c)
                    .returning(
                        CasesBound.pointwise(16), (b, t) -> b.crossEntropy(t[0], targets, t[1]))));
    cases.add(
        new BackendContractCase(
            "crossEntropyBackward" + extents,
            "crossEntropyBackward",
            () -> {
              double[] p = new double[logits.length];
              Shape shape = Shape.of(rows, c);
              new Reference()
                  .crossEntropy(
                      Tensor.of("logits", shape, logits), targets, Tensor.of("p", shape, p));
              return new CasesCall()
                  .read("probabilities", p, rows, c)
                  .written("dlogits", CasesBound.sum(1), rows, c)
                  .on((b, t) -> b.crossEntropyBackward(1.7, t[0], targets, t[1]));
            }));
  }

  /** Products of floats are exact in double, so only the order of the sum is free. */
  private static BackendContractCase sumOfSquares(int elements) {
    return new BackendContractCase(
        "sumOfSquares_e" + elements,
        "sumOfSquares",
        () ->
            new CasesCall()
                .read("x", elements)
                .returning(CasesBound.pointwise(1e-5), (b, t) -> b.sumOfSquares(t[0])));
  }
}
