// All eigenvalues and eigenvectors of a symmetric matrix.
package io.lethe.erase.dense;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.VectorSpecies;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;

/**
 * The {@link Tridiagonal} matrix, then implicit QL steps (Golub and Van Loan, Matrix Computations,
 * 8.3). The vectors are kept as rows, so that a rotation works on whole rows; the rotations of one
 * sweep are collected and applied to strips of columns, which are the tasks. About {@code 8 n^3 / 3
 * + 6 n^3} FLOPs. {@link LeadingEigen} is cheaper where a few vectors are wanted.
 *
 * @param values ascending
 * @param vectors orthonormal rows, in the order of the values
 */
public record SymmetricEigen(double[] values, Matrix vectors) {
  private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;
  private static final int LANES = SPECIES.length();
  private static final int STRIP = 64;

  /** Vectors that are rotated together, each once loaded and once stored a rotation. */
  private static final int VECTORS = 4;

  private static final int MOST_SWEEPS = 60;

  /**
   * Decomposes A, which is not changed; only its lower triangle is read.
   *
   * @throws LetheException if a number is not finite
   */
  public static SymmetricEigen of(Matrix a, Parallel threads) {
    Tridiagonal reduced = Tridiagonal.of(a, threads);
    double[] diagonal = reduced.diagonal();
    double[] basis = reduced.basis();
    iterate(diagonal, reduced.beside(), basis, threads);
    return sorted(diagonal, basis, a.rows());
  }

  /** The eigenvalues of T alone, ascending: some {@code 30 n^2} FLOPs. */
  static double[] values(Tridiagonal reduced) {
    double[] diagonal = reduced.diagonal();
    iterate(diagonal, reduced.beside(), null, Parallel.ALONE);
    Arrays.sort(diagonal);
    return diagonal;
  }

  /**
   * Implicit QL with Wilkinson's shift.
   *
   * @param e what stands beside the diagonal d, number i between i and i + 1
   * @param basis rows to rotate along, or null
   */
  private static void iterate(double[] d, double[] e, double[] basis, Parallel threads) {
    int n = d.length;
    double[] cosines = new double[n];
    double[] sines = new double[n];
    for (int l = 0; l < n; l++) {
      for (int sweep = 0; ; sweep++) {
        int m = l;
        while (m < n - 1 && Math.abs(e[m]) > Math.ulp(Math.abs(d[m]) + Math.abs(d[m + 1]))) {
          m++;
        }
        if (m == l) {
          break;
        }
        if (sweep == MOST_SWEEPS) {
          throw new LetheException("eigenvalue " + l + " of " + n + " does not converge");
        }
        int first = sweep(d, e, l, m, cosines, sines);
        if (basis != null) {
          rotate(basis, n, first, m, cosines, sines, threads);
        }
      }
    }
  }

  /**
   * One sweep from m up to l.
   *
   * @return the first rotation that was made; those of {@code [first, m)} stand in the arrays
   */
  private static int sweep(double[] d, double[] e, int l, int m, double[] cosines, double[] sines) {
    double g = (d[l + 1] - d[l]) / (2 * e[l]);
    double r = Math.hypot(g, 1);
    g = d[m] - d[l] + e[l] / (g + Math.copySign(r, g));
    double s = 1;
    double c = 1;
    double p = 0;
    for (int i = m - 1; i >= l; i--) {
      double f = s * e[i];
      double b = c * e[i];
      r = Math.hypot(f, g);
      e[i + 1] = r;
      if (r == 0) {
        d[i + 1] -= p;
        e[m] = 0;
        return i + 1;
      }
      s = f / r;
      c = g / r;
      g = d[i + 1] - p;
      r = (d[i] - g) * s + 2 * c * b;
      p = s * r;
      d[i + 1] = g + p;
      g = c * r - b;
      cosines[i] = c;
      sines[i] = s;
    }
    d[l] -= p;
    e[l] = g;
    e[m] = 0;
    return l;
  }

  /** Applies the rotations m - 1 down to {@code first} to pairs of neighbouring rows. */
  private static void rotate(
      double[] basis, int n, int first, int m, double[] cosines, double[] sines, Parallel threads) {
    int strips = (n + STRIP - 1) / STRIP;
    boolean small = (long) (m - first) * n < 20_000;
    Parallel runner = small ? Parallel.ALONE : threads;
    runner.run(
        strips,
        strip -> {
          int from = strip * STRIP;
          int to = Math.min(n, from + STRIP);
          int j = from;
          for (; j <= to - VECTORS * LANES; j += VECTORS * LANES) {
            rotateVectors(basis, n, j, first, m, cosines, sines);
          }
          for (; j < to; j++) {
            rotateColumn(basis, n, j, first, m, cosines, sines);
          }
        });
  }

  private static void rotateVectors(
      double[] v, int n, int column, int first, int m, double[] cosines, double[] sines) {
    int high = m * n + column;
    DoubleVector y0 = DoubleVector.fromArray(SPECIES, v, high);
    DoubleVector y1 = DoubleVector.fromArray(SPECIES, v, high + LANES);
    DoubleVector y2 = DoubleVector.fromArray(SPECIES, v, high + 2 * LANES);
    DoubleVector y3 = DoubleVector.fromArray(SPECIES, v, high + 3 * LANES);
    for (int i = m - 1; i >= first; i--) {
      int low = i * n + column;
      DoubleVector c = DoubleVector.broadcast(SPECIES, cosines[i]);
      DoubleVector s = DoubleVector.broadcast(SPECIES, sines[i]);
      DoubleVector x0 = DoubleVector.fromArray(SPECIES, v, low);
      DoubleVector x1 = DoubleVector.fromArray(SPECIES, v, low + LANES);
      DoubleVector x2 = DoubleVector.fromArray(SPECIES, v, low + 2 * LANES);
      DoubleVector x3 = DoubleVector.fromArray(SPECIES, v, low + 3 * LANES);
      x0.fma(s, y0.mul(c)).intoArray(v, low + n);
      x1.fma(s, y1.mul(c)).intoArray(v, low + n + LANES);
      x2.fma(s, y2.mul(c)).intoArray(v, low + n + 2 * LANES);
      x3.fma(s, y3.mul(c)).intoArray(v, low + n + 3 * LANES);
      y0 = x0.mul(c).sub(y0.mul(s));
      y1 = x1.mul(c).sub(y1.mul(s));
      y2 = x2.mul(c).sub(y2.mul(s));
      y3 = x3.mul(c).sub(y3.mul(s));
    }
    int last = first * n + column;
    y0.intoArray(v, last);
    y1.intoArray(v, last + LANES);
    y2.intoArray(v, last + 2 * LANES);
    y3.intoArray(v, last + 3 * LANES);
  }

  private static void rotateColumn(
      double[] v, int n, int column, int first, int m, double[] cosines, double[] sines) {
    double y = v[m * n + column];
    for (int i = m - 1; i >= first; i--) {
      double x = v[i * n + column];
      v[(i + 1) * n + column] = sines[i] * x + cosines[i] * y;
      y = cosines[i] * x - sines[i] * y;
    }
    v[first * n + column] = y;
  }

  private static SymmetricEigen sorted(double[] values, double[] basis, int n) {
    Integer[] order = new Integer[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    Arrays.sort(order, (i, j) -> Double.compare(values[i], values[j]));
    double[] ascending = new double[n];
    Matrix vectors = Matrix.zeros(n, n);
    for (int i = 0; i < n; i++) {
      ascending[i] = values[order[i]];
      System.arraycopy(basis, order[i] * n, vectors.values(), i * n, n);
    }
    return new SymmetricEigen(ascending, vectors);
  }
}
