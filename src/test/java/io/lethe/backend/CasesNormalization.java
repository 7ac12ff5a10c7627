// Cases of group and layer normalisation.
package io.lethe.backend;

import io.lethe.backend.reference.Reference;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.List;

/**
 * {@code groupNorm_n2p49c33g3silu}; the suffix {@code offset} has a mean of 50 deviations, which
 * float sums lose.
 */
final class CasesNormalization {
  private static final double EPS = 1e-5;
  private static final double OFFSET = 50;

  /** What a normalisation saves for its backward. */
  private record Saved(double[] mean, double[] rstd) {}

  private CasesNormalization() {}

  static void addTo(List<BackendContractCase> cases) {
    int[][] groupSizes = {
      {1, 49, 33, 1},
      {2, 49, 33, 33},
      {3, 7, 33, 3},
      {2, 113, 40, 4},
      {1, 16, 64, 32},
      {1, 63, 320, 32},
      {2, 1, 33, 11},
      {2, 1024, 24, 3},
      {1, 5, 2, 1}
    };
    for (int[] size : groupSizes) {
      for (boolean silu : new boolean[] {false, true}) {
        cases.add(group(size, silu, 0));
        cases.add(groupBackward(size, silu, 0, true, true, true));
      }
    }
    cases.add(group(groupSizes[3], false, OFFSET));
    cases.add(groupBackward(groupSizes[3], false, OFFSET, true, true, true));
    for (boolean silu : new boolean[] {false, true}) {
      cases.add(groupBackward(groupSizes[2], silu, 0, true, false, false));
      cases.add(groupBackward(groupSizes[2], silu, 0, false, true, true));
      cases.add(groupBackward(groupSizes[2], silu, 0, false, true, false));
      cases.add(groupBackward(groupSizes[2], silu, 0, true, false, true));
    }
    int[][] layerSizes = {{77, 33}, {1, 768}, {231, 40}, {3, 7}, {5, 1025}, {400, 64}};
    for (int[] size : layerSizes) {
      cases.add(layer(size, 0));
      cases.add(layerBackward(size, 0, true, true, true));
    }
    cases.add(layer(layerSizes[0], OFFSET));
    cases.add(layerBackward(layerSizes[0], OFFSET, true, true, true));
    cases.add(layerBackward(layerSizes[0], 0, true, false, false));
    cases.add(layerBackward(layerSizes[0], 0, false, true, true));
    cases.add(layerBackward(layerSizes[0], 0, false, true, false));
    cases.add(layerBackward(layerSizes[0], 0, true, false, true));
  }

  private static BackendContractCase group(int[] size, boolean silu, double offset) {
    int n = size[0];
    int positions = size[1];
    int c = size[2];
    int groups = size[3];
    long length = (long) positions * c / groups;
    return new BackendContractCase(
        groupName("groupNorm", size, silu, offset),
        "groupNorm",
        () ->
            new CasesCall()
                .read("x", shifted(1, n * positions * c, offset), n, positions, c)
                .read("gamma", c)
                .read("beta", c)
                .written("y", result(length, offset), n, positions, c)
                .written("mean", CasesBound.sum(length), n, groups)
                .written("rstd", CasesBound.sum(length), n, groups)
                .on((b, t) -> b.groupNorm(groups, EPS, silu, t[0], t[1], t[2], t[3], t[4], t[5])));
  }

  private static BackendContractCase groupBackward(
      int[] size, boolean silu, double offset, boolean dx, boolean dgamma, boolean dbeta) {
    int n = size[0];
    int positions = size[1];
    int c = size[2];
    int groups = size[3];
    int rows = n * positions;
    return new BackendContractCase(
        groupName("groupNormBackward", size, silu, offset) + wanted(dx, dgamma, dbeta),
        "groupNormBackward",
        () -> {
          double[] x = shifted(2, n * positions * c, offset);
          double[] dy = shifted(1, x.length, 0);
          double[] gamma = shifted(3, c, 0);
          double[] beta = shifted(4, c, 0);
          Saved saved = savedByGroups(n, positions, c, groups, x);
          double[] noise =
              CasesNormalizationNoise.dx(
                  n, groups, dy, x, gamma, silu ? beta : null, saved.mean, saved.rstd);
          return new CasesCall()
              .read("dy", dy, n, positions, c)
              .read("x", x, n, positions, c)
              .read("gamma", gamma, c)
              .read("beta", beta, c)
              .read("mean", saved.mean, n, groups)
              .read("rstd", saved.rstd, n, groups)
              .written("dx", CasesBound.noise(noise), n, positions, c)
              .when(dx)
              .added("dgamma", CasesBound.sum(rows).times(1 + offset), c)
              .when(dgamma)
              .added("dbeta", CasesBound.sum(rows), c)
              .when(dbeta)
              .on((b, t) ->
                  b.groupNormBackward(
                      groups, silu, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]));
        });
  }

  private static BackendContractCase layer(int[] size, double offset) {
    int rows = size[0];
    int c = size[1];
    return new BackendContractCase(
        "layerNorm_r" + rows + "c" + c + (offset == 0 ? "" : "_offset"),
        "layerNorm",
        () ->
            new CasesCall()
                .read("x", shifted(1, rows * c, offset), rows, c)
                .read("gamma", c)
                .read("beta", c)
                .written("y", result(c, offset), rows, c)
                .written("mean", CasesBound.sum(c), rows)
                .written("rstd", CasesBound.sum(c), rows)
                .on((b, t) -> b.layerNorm(EPS, t[0], t[1], t[2], t[3], t[4], t[5])));
  }

  private static BackendContractCase layerBackward(
      int[] size, double offset, boolean dx, boolean dgamma, boolean dbeta) {
    int rows = size[0];
    int c = size[1];
    return new BackendContractCase(
        "layerNormBackward_r"
            + rows
            + "c"
            + c
            + (offset == 0 ? "" : "_offset")
            + wanted(dx, dgamma, dbeta),
        "layerNormBackward",
        () -> {
          double[] x = shifted(2, rows * c, offset);
          double[] dy = shifted(1, x.length, 0);
          double[] gamma = shifted(3, c, 0);
          Saved saved = savedByGroups(rows, 1, c, 1, x);
          double[] noise =
              CasesNormalizationNoise.dx(rows, 1, dy, x, gamma, null, saved.mean, saved.rstd);
          return new CasesCall()
              .read("dy", dy, rows, c)
              .read("x", x, rows, c)
              .read("gamma", gamma, c)
              .read("mean", saved.mean, rows)
              .read("rstd", saved.rstd, rows)
              .written("dx", CasesBound.noise(noise), rows, c)
              .when(dx)
              .added("dgamma", CasesBound.sum(rows).times(1 + offset), c)
              .when(dgamma)
              .added("dbeta", CasesBound.sum(rows), c)
              .when(dbeta)
              .on((b, t) -> b.layerNormBackward(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]));
        });
  }

  /**
   * Mean and deviation of x by the reference; a layer norm's row is a sample of one position and
   * one group.
   */
  private static Saved savedByGroups(int n, int positions, int c, int groups, double[] x) {
    double[] mean = new double[n * groups];
    double[] rstd = new double[n * groups];
    Shape shape = Shape.of(n, positions, c);
    Tensor zeros = Tensor.of("zeros", Shape.of(c), new double[c]);
    new Reference()
        .groupNorm(
            groups,
            EPS,
            false,
            Tensor.of("x", shape, x),
            zeros,
            zeros,
            Tensor.of("y", shape, new double[x.length]),
            Tensor.of("mean", Shape.of(n, groups), mean),
            Tensor.of("rstd", Shape.of(n, groups), rstd));
    return new Saved(mean, rstd);
  }

  private static double[] shifted(long seed, int count, double offset) {
    double[] values = CasesSignal.normal(seed, count);
    for (int i = 0; i < count; i++) {
      values[i] += offset;
    }
    return CasesOperand.single(values);
  }

  /**
   * The statistics are sums; taking the mean away leaves the rounding of what it was taken from.
   */
  private static CasesBound result(long length, double offset) {
    return CasesBound.sum(length).plus(8 * offset);
  }

  private static String groupName(String pass, int[] size, boolean silu, double offset) {
    return pass
        + "_n"
        + size[0]
        + "p"
        + size[1]
        + "c"
        + size[2]
        + "g"
        + size[3]
        + (silu ? "silu" : "")
        + (offset == 0 ? "" : "_offset");
  }

  private static String wanted(boolean dx, boolean dgamma, boolean dbeta) {
    return (dx ? "" : "_nodx") + (dgamma ? "" : "_nodgamma") + (dbeta ? "" : "_nodbeta");
  }
}
