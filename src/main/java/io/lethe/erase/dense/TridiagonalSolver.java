// Solves a shifted tridiagonal system, however near to singular it is.
package io.lethe.erase.dense;

/**
 * {@code (T - value) x = b} by elimination with row exchanges, which fill a second diagonal above
 * (Golub and Van Loan, Matrix Computations, 4.3.5 and 8.4.2). A pivot that vanishes is replaced by
 * a rounding error of T: for inverse iteration the direction of x counts, not its length.
 */
final class TridiagonalSolver {
  private final int n;
  private final double[] pivot;
  private final double[] above;
  private final double[] second;
  private final double[] factor;
  private final boolean[] exchanged;

  /**
   * @param d T's diagonal
   * @param e beside it, number i between i and i + 1
   * @param scale the norm of T
   */
  TridiagonalSolver(double[] d, double[] e, double value, double scale) {
    n = d.length;
    pivot = new double[n];
    above = new double[n];
    second = new double[n];
    factor = new double[n];
    exchanged = new boolean[n];
    double least = Math.ulp(scale);
    double own = n == 0 ? 0 : d[0] - value;
    double next = n > 1 ? e[0] : 0;
    for (int i = 0; i < n; i++) {
      double below = i + 1 < n ? e[i] : 0;
      exchanged[i] = Math.abs(below) > Math.abs(own);
      double belowOwn = i + 1 < n ? d[i + 1] - value : 0;
      double belowNext = i + 2 < n ? e[i + 1] : 0;
      if (exchanged[i]) {
        pivot[i] = below;
        above[i] = belowOwn;
        second[i] = belowNext;
        factor[i] = own / below;
        own = next - factor[i] * belowOwn;
        next = -factor[i] * belowNext;
      } else {
        pivot[i] = Math.abs(own) < least ? least : own;
        above[i] = next;
        factor[i] = below / pivot[i];
        own = belowOwn - factor[i] * next;
        next = belowNext;
      }
    }
  }

  /** Puts the solution in b's place. */
  void solve(double[] b) {
    for (int i = 0; i + 1 < n; i++) {
      if (exchanged[i]) {
        double upper = b[i];
        b[i] = b[i + 1];
        b[i + 1] = upper;
      }
      b[i + 1] -= factor[i] * b[i];
    }
    for (int i = n - 1; i >= 0; i--) {
      double sum = b[i];
      sum -= i + 1 < n ? above[i] * b[i + 1] : 0;
      sum -= i + 2 < n ? second[i] * b[i + 2] : 0;
      b[i] = sum / pivot[i];
    }
  }
}
