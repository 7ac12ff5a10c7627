// Cases of broadcasts, of the sums that are their gradients, and of unit-length rows.
package io.lethe.backend;

import io.lethe.tensor.DType;
import java.util.List;

/** {@code sumPositions_n2p49c33}. */
final class CasesSums {
  private CasesSums() {}

  static void addTo(List<BackendContractCase> cases) {
    for (int[] size : new int[][] {{3, 49, 33}, {1, 1024, 40}, {2, 1, 7}, {2, 113, 59}}) {
      int n = size[0];
      int p = size[1];
      int c = size[2];
      String extents = "_n" + n + "p" + p + "c" + c;
      cases.add(
          new BackendContractCase(
              "addPerSample" + extents,
              "addPerSample",
              () ->
                  new CasesCall()
                      .read("x", n, p, c)
                      .read("vector", n, c)
                      .written("out", CasesBound.pointwise(1), n, p, c)
                      .on((b, t) -> b.addPerSample(t[0], t[1], t[2]))));
      cases.add(
          new BackendContractCase(
              "sumPositions" + extents,
              "sumPositions",
              () ->
                  new CasesCall()
                      .read("x", n, p, c)
                      .written("out", CasesBound.sum(p), n, c)
                      .on((b, t) -> b.sumPositions(t[0], t[1]))));
      cases.add(addPerPosition(n, p, c, null));
      cases.add(
          new BackendContractCase(
              "sumSamples" + extents,
              "sumSamples",
              () ->
                  new CasesCall()
                      .read("x", n, p, c)
                      .added("out", CasesBound.sum(n), p, c)
                      .on((b, t) -> b.sumSamples(t[0], t[1]))));
    }
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.F64}) {
      cases.add(addPerPosition(2, 77, 33, dtype));
    }
    for (int[] size : new int[][] {{2051, 33}, {1, 7}, {113, 1}, {64, 320}, {7, 1025}}) {
      sumRows(cases, size[0], size[1]);
    }
    for (int[] size : new int[][] {{5, 33}, {77, 160}, {1, 7}, {300, 513}}) {
      normalizeRows(cases, size[0], size[1]);
    }
  }

  /**
   * F64 elements of up to 4 lose half a unit in the last place of 4, which is 4 of 1; others widen
   * exactly.
   */
  private static BackendContractCase addPerPosition(int n, int p, int c, DType dtype) {
    CasesBound bound = CasesBound.pointwise(dtype == DType.F64 ? 5 : 1);
    return new BackendContractCase(
        "addPerPosition_n" + n + "p" + p + "c" + c + CasesMatrix.suffix(dtype),
        "addPerPosition",
        () ->
            new CasesCall()
                .read("x", n, p, c)
                .weight("table", dtype, p, c)
                .written("out", bound, n, p, c)
                .on((b, t) -> b.addPerPosition(t[0], t[1], t[2])));
  }

  private static void sumRows(List<BackendContractCase> cases, int rows, int c) {
    cases.add(
        new BackendContractCase(
            "sumRows_r" + rows + "c" + c,
            "sumRows",
            () ->
                new CasesCall()
                    .read("x", rows, c)
                    .added("out", CasesBound.sum(rows), c)
                    .on((b, t) -> b.sumRows(t[0], t[1]))));
  }

  private static void normalizeRows(List<BackendContractCase> cases, int rows, int c) {
    cases.add(
        new BackendContractCase(
            "normalizeRows_r" + rows + "c" + c,
            "normalizeRows",
            () ->
                new CasesCall()
                    .read("x", rows, c)
                    .written("out", CasesBound.sum(c), rows, c)
                    .written("norm", CasesBound.sum(c), rows)
                    .on((b, t) -> b.normalizeRows(t[0], t[1], t[2]))));
    cases.add(
        new BackendContractCase(
            "normalizeRowsBackward_r" + rows + "c" + c,
            "normalizeRowsBackward",
            () -> {
              double[] out = CasesSignal.normal(2, rows * c);
              double[] norm = new double[rows];
              for (int row = 0; row < rows; row++) {
                double squares = 0;
                for (int i = 0; i < c; i++) {
                  squares += out[row * c + i] * out[row * c + i];
                }
                norm[row] = Math.sqrt(squares);
                for (int i = 0; i < c; i++) {
                  out[row * c + i] /= norm[row];
                }
              }
              return new CasesCall()
                  .read("dout", rows, c)
                  .read("out", out, rows, c)
                  .read("norm", norm, rows)
                  .written("dx", CasesBound.sum(c), rows, c)
                  .on((b, t) -> b.normalizeRowsBackward(t[0], t[1], t[2], t[3]));
            }));
  }
}
