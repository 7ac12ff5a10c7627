// Cases of the matrix product.
package io.lethe.backend;

import io.lethe.tensor.DType;
import java.util.List;
import java.util.Locale;

/** {@code gemm_LAYOUT_mMnNkK}, the layout {@code n} or {@code t} for a, then b. */
final class CasesMatrix {
  private enum Start {
    PLAIN,
    BIAS,
    ADD
  }

  private CasesMatrix() {}

  static void addTo(List<BackendContractCase> cases) {
    int[][] small = {
      {1, 1, 1}, {1, 33, 7}, {7, 1, 33}, {5, 7, 1}, {17, 33, 77}, {64, 64, 64}, {113, 59, 40}
    };
    // Longer than the blocks that packing makes of rows, columns and steps.
    int[][] large = {
      {31, 257, 515}, {301, 65, 129}, {3, 2, 1025}, {3, 4500, 300}, {1101, 5, 300}, {7, 5, 2600}
    };
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        for (int[] size : small) {
          for (Start start : Start.values()) {
            cases.add(gemm(ta, tb, size[0], size[1], size[2], null, start));
          }
        }
        for (int[] size : large) {
          Start start = ta ? Start.ADD : tb ? Start.BIAS : Start.PLAIN;
          cases.add(gemm(ta, tb, size[0], size[1], size[2], null, start));
        }
      }
    }
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.F64}) {
      for (boolean tb : new boolean[] {false, true}) {
        cases.add(gemm(false, tb, 17, 33, 77, dtype, Start.BIAS));
        cases.add(gemm(false, tb, 113, 59, 40, dtype, Start.ADD));
        cases.add(gemm(true, tb, 3, 65, 301, dtype, Start.PLAIN));
        cases.add(gemm(false, tb, 131, 131, 259, dtype, Start.PLAIN));
      }
    }
  }

  private static BackendContractCase gemm(
      boolean ta, boolean tb, int m, int n, int k, DType dtype, Start start) {
    String descriptor =
        "gemm_"
            + (ta ? "t" : "n")
            + (tb ? "t" : "n")
            + "_m"
            + m
            + "n"
            + n
            + "k"
            + k
            + (start == Start.PLAIN ? "" : "_" + start.name().toLowerCase(Locale.ROOT))
            + suffix(dtype);
    return new BackendContractCase(
        descriptor,
        "gemm",
        () -> {
          CasesCall call =
              new CasesCall()
                  .read("a", ta ? k : m, ta ? m : k)
                  .weight("b", dtype, tb ? n : k, tb ? k : n)
                  .read("bias", n)
                  .when(start == Start.BIAS);
          CasesBound bound = CasesBound.sum(k);
          boolean add = start == Start.ADD;
          return (add ? call.added("c", bound, m, n) : call.written("c", bound, m, n))
              .on((b, t) -> b.gemm(ta, tb, m, n, k, t[0], t[1], t[2], t[3], add));
        });
  }

  /** The end of a descriptor that names the storage of a mapped weight. */
  static String suffix(DType dtype) {
    return dtype == null ? "" : "_" + dtype.name().toLowerCase(Locale.ROOT);
  }
}
