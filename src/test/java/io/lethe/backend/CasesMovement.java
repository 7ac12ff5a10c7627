// Cases of joining, copying, enlarging and looking up; what only moves must arrive bit for bit.
package io.lethe.backend;

import io.lethe.tensor.DType;
import java.util.List;

/** {@code concatChannels_r77a33b7}. */
final class CasesMovement {
  private CasesMovement() {}

  static void addTo(List<BackendContractCase> cases) {
    for (int[] size : new int[][] {{77, 33, 7}, {1, 1, 1}, {5, 64, 160}, {300, 40, 59}}) {
      cases.add(concat(size[0], size[1], size[2]));
      cases.add(split(size[0], size[1], size[2], true, true));
      cases.add(split(size[0], size[1], size[2], true, false));
      cases.add(split(size[0], size[1], size[2], false, true));
    }
    cases.add(copy(113, 0, 113, 0, 113));
    cases.add(copy(200, 13, 77, 3, 71));
    cases.add(copy(70001, 1, 70007, 5, 69999));
    for (int[] size : new int[][] {{2, 5, 7, 33}, {1, 1, 1, 3}, {3, 8, 3, 64}, {1, 17, 16, 40}}) {
      upsample(cases, size[0], size[1], size[2], size[3]);
    }
    cases.add(gather(49, 33, 77, null));
    cases.add(gather(5, 1, 8, null));
    cases.add(gather(9, 1024, 33, null));
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.F64}) {
      cases.add(gather(49, 33, 77, dtype));
    }
    cases.add(scatter(17, 33, 77));
    cases.add(scatter(3, 1, 7));
    cases.add(scatter(5, 1024, 33));
  }

  private static BackendContractCase concat(int rows, int ca, int cb) {
    return new BackendContractCase(
        "concatChannels_r" + rows + "a" + ca + "b" + cb,
        "concatChannels",
        () ->
            new CasesCall()
                .read("a", rows, ca)
                .read("b", rows, cb)
                .written("out", CasesBound.exact(), rows, ca + cb)
                .on((b, t) -> b.concatChannels(t[0], t[1], t[2])));
  }

  private static BackendContractCase split(int rows, int ca, int cb, boolean a, boolean b) {
    return new BackendContractCase(
        "splitChannels_r" + rows + "a" + ca + "b" + cb + (a ? "" : "_noa") + (b ? "" : "_nob"),
        "splitChannels",
        () ->
            new CasesCall()
                .read("joined", rows, ca + cb)
                .written("a", CasesBound.exact(), rows, ca)
                .when(a)
                .written("b", CasesBound.exact(), rows, cb)
                .when(b)
                .on((backend, t) -> backend.splitChannels(t[0], ca, t[1], t[2])));
  }

  /** The target is "added to" in that what lies outside the copied range must stay. */
  private static BackendContractCase copy(int source, int from, int target, int to, int count) {
    return new BackendContractCase(
        "copy_s" + source + "o" + from + "t" + target + "o" + to + "e" + count,
        "copy",
        () ->
            new CasesCall()
                .read("source", source)
                .copied("target", target)
                .on((b, t) -> b.copy(t[0], from, t[1], to, count)));
  }

  private static void upsample(List<BackendContractCase> cases, int n, int h, int w, int c) {
    long small = (long) h * w;
    String extents = "_n" + n + "h" + h + "w" + w + "c" + c;
    cases.add(
        new BackendContractCase(
            "upsampleNearest" + extents,
            "upsampleNearest",
            () ->
                new CasesCall()
                    .read("x", n, small, c)
                    .written("y", CasesBound.exact(), n, 4 * small, c)
                    .on((b, t) -> b.upsampleNearest(h, w, t[0], t[1]))));
    cases.add(
        new BackendContractCase(
            "upsampleNearestBackward" + extents,
            "upsampleNearestBackward",
            () ->
                new CasesCall()
                    .read("dy", n, 4 * small, c)
                    .written("dx", CasesBound.sum(4), n, small, c)
                    .on((b, t) -> b.upsampleNearestBackward(h, w, t[0], t[1]))));
  }

  private static BackendContractCase gather(int vocabulary, int c, int count, DType dtype) {
    int[] ids = CasesSignal.integers(7, count, vocabulary);
    CasesBound bound = dtype == DType.F64 ? CasesBound.pointwise(1) : CasesBound.exact();
    return new BackendContractCase(
        "gatherRows_v" + vocabulary + "c" + c + "i" + count + CasesMatrix.suffix(dtype),
        "gatherRows",
        () ->
            new CasesCall()
                .weight("table", dtype, vocabulary, c)
                .written("out", bound, count, c)
                .on((b, t) -> b.gatherRows(t[0], ids, t[1])));
  }

  private static BackendContractCase scatter(int vocabulary, int c, int count) {
    int[] ids = CasesSignal.integers(7, count, vocabulary);
    return new BackendContractCase(
        "scatterAddRows_v" + vocabulary + "c" + c + "i" + count,
        "scatterAddRows",
        () ->
            new CasesCall()
                .read("x", count, c)
                .added("table", CasesBound.sum(count / vocabulary + 1), vocabulary, c)
                .on((b, t) -> b.scatterAddRows(t[0], ids, t[1])));
  }
}
