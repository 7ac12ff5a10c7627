// How far a result in single precision may lie from the same in double.
package io.lethe.backend;

/**
 * An allowed error of {@code units * 2^-24 * scale}, where 2^-24 is half a unit in the last place
 * of 1. The scale is the element's own {@code noise} where given; else the larger of the element
 * itself and {@code floor}, or of the whole result's root mean square where the floor is NaN (a sum
 * that cancels is as exact as its neighbours that do not).
 */
record CasesBound(double units, double floor, double[] noise) {
  private static final double UNIT = 0x1p-24;

  /**
   * For sums of {@code length} products of random sign. Rounding errors of such a sum perform a
   * random walk: they grow with the root of the length, relative to a result that does so too,
   * hence once more than the result.
   */
  static CasesBound sum(long length) {
    return new CasesBound(8 + 4 * Math.sqrt(length), Double.NaN, null);
  }

  /** For functions of single elements whose operands are of the order of 1. */
  static CasesBound pointwise(double units) {
    return new CasesBound(units, 1, null);
  }

  /** For what only moves. */
  static CasesBound exact() {
    return new CasesBound(0, 0, null);
  }

  /** For results whose error was followed from rounding to rounding: six deviations of it. */
  static CasesBound noise(double[] noise) {
    return new CasesBound(6, 0, noise);
  }

  /** With so many units more. */
  CasesBound plus(double more) {
    return new CasesBound(units + more, floor, null);
  }

  /** For ill-conditioned operands, such as a large mean under a small deviation. */
  CasesBound times(double condition) {
    return new CasesBound(units * condition, floor, null);
  }

  /** The error allowed at one element of a result. */
  double at(int index, double expected, double rootMeanSquare) {
    if (noise != null) {
      return units * UNIT * noise[index];
    }
    double other = Double.isNaN(floor) ? rootMeanSquare : floor;
    return units * UNIT * Math.max(Math.abs(expected), other);
  }
}
