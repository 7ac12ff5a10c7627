// Cases of what works element by element.
package io.lethe.backend;

import java.util.List;
import java.util.Locale;

/** {@code activation_gelu_e1037}; activations meet the far ends of the number range too. */
final class CasesPointwise {
  private static final double[] ENDS = {
    0, -0.0, 20, -20, 90, -90, 104, -104, 1e4, -1e4, 1e30, -1e30, 1e-30, -1e-30
  };

  private CasesPointwise() {}

  static void addTo(List<BackendContractCase> cases) {
    for (int elements : new int[] {1, 7, 33, 1037, 70001}) {
      for (Activation kind : Activation.values()) {
        cases.add(activation(kind, elements));
        cases.add(activationBackward(kind, elements));
      }
      cases.add(add(elements));
      cases.add(axpy(elements));
      cases.add(scale(elements));
    }
    for (int[] size : new int[][] {{1, 1}, {3, 7}, {77, 33}, {5, 160}, {300, 65}}) {
      cases.add(geglu(size[0], size[1]));
      cases.add(gegluBackward(size[0], size[1]));
    }
  }

  private static BackendContractCase activation(Activation kind, int elements) {
    return new BackendContractCase(
        "activation_" + kind.name().toLowerCase(Locale.ROOT) + "_e" + elements,
        "activation",
        () ->
            new CasesCall()
                .read("x", wide(1, elements), elements)
                .written("y", CasesBound.pointwise(8), elements)
                .on((b, t) -> b.activation(kind, t[0], t[1])));
  }

  private static BackendContractCase activationBackward(Activation kind, int elements) {
    return new BackendContractCase(
        "activationBackward_" + kind.name().toLowerCase(Locale.ROOT) + "_e" + elements,
        "activationBackward",
        () ->
            new CasesCall()
                .read("dy", elements)
                .read("x", wide(2, elements), elements)
                .written("dx", CasesBound.pointwise(16), elements)
                .on((b, t) -> b.activationBackward(kind, t[0], t[1], t[2])));
  }

  private static BackendContractCase geglu(int rows, int c) {
    return new BackendContractCase(
        "geglu_r" + rows + "c" + c,
        "geglu",
        () ->
            new CasesCall()
                .read("x", rows, 2L * c)
                .written("y", CasesBound.pointwise(16), rows, c)
                .on((b, t) -> b.geglu(t[0], t[1])));
  }

  private static BackendContractCase gegluBackward(int rows, int c) {
    return new BackendContractCase(
        "gegluBackward_r" + rows + "c" + c,
        "gegluBackward",
        () ->
            new CasesCall()
                .read("dy", rows, c)
                .read("x", rows, 2L * c)
                .written("dx", CasesBound.pointwise(16), rows, 2L * c)
                .on((b, t) -> b.gegluBackward(t[0], t[1], t[2])));
  }

  private static BackendContractCase add(int elements) {
    return new BackendContractCase(
        "add_e" + elements,
        "add",
        () ->
            new CasesCall()
                .read("a", elements)
                .read("b", elements)
                .written("out", CasesBound.pointwise(1), elements)
                .on((b, t) -> b.add(t[0], t[1], t[2])));
  }

  private static BackendContractCase axpy(int elements) {
    return new BackendContractCase(
        "axpy_e" + elements,
        "axpy",
        () ->
            new CasesCall()
                .read("x", elements)
                .added("y", CasesBound.pointwise(4), elements)
                .on((b, t) -> b.axpy(-0.7, t[0], t[1])));
  }

  private static BackendContractCase scale(int elements) {
    return new BackendContractCase(
        "scale_e" + elements,
        "scale",
        () ->
            new CasesCall()
                .read("x", elements)
                .written("out", CasesBound.pointwise(2), elements)
                .on((b, t) -> b.scale(-0.7, t[0], t[1])));
  }

  /** Normal numbers of deviation 3, and the ends of the range where there is room for them. */
  private static double[] wide(long seed, int elements) {
    double[] values = CasesSignal.normal(seed, elements);
    for (int i = 0; i < elements; i++) {
      values[i] = 3 * values[i];
      if (elements > 4 * ENDS.length && i % 5 == 2 && i / 5 < ENDS.length) {
        values[i] = ENDS[i / 5];
      }
    }
    return values;
  }
}
