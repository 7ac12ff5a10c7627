// The largest eigenvalues of a symmetric matrix and their eigenvectors.
package io.lethe.erase.dense;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;

/**
 * Eigenvalues of the {@link Tridiagonal} matrix, then inverse iteration for the vectors of those
 * that are wanted, each kept orthogonal to those before it (Golub and Van Loan, Matrix
 * Computations, 8.4.2), then back to A's basis: {@code 4 n^3 / 3 + 4 k n^2} FLOPs for k vectors,
 * where all of them take {@code 26 n^3 / 3}.
 *
 * @param values ascending
 * @param vectors orthonormal rows, in the order of the values
 */
public record LeadingEigen(double[] values, Matrix vectors) {
  private static final int MOST_ROUNDS = 8;

  /**
   * Those above 0 and above a share of the largest.
   *
   * @param a not changed; only its lower triangle is read
   * @param share of the largest eigenvalue, at least 0
   * @throws LetheException if a number is not finite
   */
  public static LeadingEigen of(Matrix a, double share, Parallel threads) {
    Tridiagonal reduced = Tridiagonal.of(a, threads);
    int n = reduced.size();
    double[] all = SymmetricEigen.values(reduced);
    double least = n == 0 ? 0 : Math.max(0, share * all[n - 1]);
    int first = n;
    while (first > 0 && all[first - 1] > least) {
      first--;
    }
    double scale = n == 0 ? 0 : Math.max(Math.abs(all[0]), Math.abs(all[n - 1]));
    double[] diagonal = reduced.diagonal();
    double[] beside = reduced.beside();
    double[] values = new double[n - first];
    Matrix vectors = Matrix.zeros(n - first, n);
    for (int i = n - 1; i >= first; i--) { // the largest first
      values[i - first] = all[i];
      find(diagonal, beside, all[i], scale, vectors, i - first);
    }
    return new LeadingEigen(values, reduced.restore(vectors));
  }

  /** Inverse iteration into one row; the rows after it are found already. */
  private static void find(
      double[] d, double[] e, double value, double scale, Matrix vectors, int row) {
    int n = d.length;
    TridiagonalSolver solver = new TridiagonalSolver(d, e, value, scale);
    double[] x = new double[n];
    for (int j = 0; j < n; j++) {
      x[j] = 1 + 0.5 * Math.sin((j + 1.0) * (row + 1.0)); // no symmetry that a vector may share
    }
    for (int round = 0; round < MOST_ROUNDS; round++) {
      solver.solve(x);
      normalise(x);
      orthogonalise(x, vectors, row + 1);
      orthogonalise(x, vectors, row + 1);
      normalise(x);
      if (round > 0 && residual(d, e, value, x) <= 16 * Math.ulp(1.0) * n * scale) {
        System.arraycopy(x, 0, vectors.values(), row * n, n);
        return;
      }
    }
    throw new LetheException("the eigenvector of " + value + " does not converge");
  }

  private static void orthogonalise(double[] x, Matrix vectors, int from) {
    int n = x.length;
    double[] v = vectors.values();
    for (int r = from; r < vectors.rows(); r++) {
      double along = 0;
      for (int j = 0; j < n; j++) {
        along += v[r * n + j] * x[j];
      }
      for (int j = 0; j < n; j++) {
        x[j] -= along * v[r * n + j];
      }
    }
  }

  private static void normalise(double[] x) {
    double largest = 0;
    for (double number : x) {
      largest = Math.max(largest, Math.abs(number));
    }
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      x[j] /= largest; // its square would be too large
      sum += x[j] * x[j];
    }
    double factor = 1 / Math.sqrt(sum);
    for (int j = 0; j < x.length; j++) {
      x[j] *= factor;
    }
  }

  /** {@code ||(T - value) x||}. */
  private static double residual(double[] d, double[] e, double value, double[] x) {
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      double number = (d[j] - value) * x[j];
      number += j > 0 ? e[j - 1] * x[j - 1] : 0;
      number += j < x.length - 1 ? e[j] * x[j + 1] : 0;
      sum += number * number;
    }
    return Math.sqrt(sum);
  }
}
