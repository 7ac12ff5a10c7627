// All eigenvalues and eigenvectors of a symmetric matrix.
package io.lethe.erase.dense;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.VectorSpecies;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Householder's reduction to a tridiagonal matrix, then implicit QL steps (Golub and Van Loan,
 * Matrix Computations, 8.3). The vectors are kept as rows, so that both a reflection and a rotation
 * work on whole rows; the rotations of one eigenvalue are collected and applied to strips of
 * columns, which are the tasks. About {@code 4 n^3 / 3 + 6 n^3} FLOPs.
 *
 * @param values ascending
 * @param vectors orthonormal rows, in the order of the values
 */
public record SymmetricEigen(double[] values, Matrix vectors) {
  private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;
  private static final int STRIP = 64;
  private static final int MOST_SWEEPS = 60;

  /**
   * Decomposes A, which is not changed; only its lower triangle is read.
   *
   * @throws LetheException if a number is not finite
   */
  public static SymmetricEigen of(Matrix a, Parallel threads) {
    int n = a.rows();
    Matrix.requireEqual("sides of a symmetric matrix", n, a.columns());
    double[] work = a.values().clone();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        work[j * n + i] = work[i * n + j];
      }
      for (int j = 0; j < n; j++) {
        if (!Double.isFinite(work[i * n + j])) {
          throw new LetheException("a matrix has a number that is not finite in row " + i);
        }
      }
    }
    double[] diagonal = new double[n];
    double[] beside = new double[n];
    double[] basis = tridiagonal(work, n, diagonal, beside, threads);
    iterate(diagonal, beside, basis, n, threads);
    return sorted(diagonal, basis, n);
  }

  /**
   * {@code Q^T A Q = T}: reflections take the last column first, as rows of the symmetric A.
   *
   * @return Q^T, row i the i-th basis vector
   */
  private static double[] tridiagonal(
      double[] a, int n, double[] diagonal, double[] beside, Parallel threads) {
    double[] scales = new double[n];
    for (int i = n - 1; i > 0; i--) {
      int row = i * n;
      double norm = 0;
      for (int j = 0; j < i; j++) {
        norm = Math.hypot(norm, a[row + j]);
      }
      beside[i] = 0;
      if (norm > 0) {
        // u = a[i, 0..i) with its last number moved away from zero; H = I - u u^T / h
        double alpha = a[row + i - 1] > 0 ? -norm : norm;
        beside[i] = alpha;
        a[row + i - 1] -= alpha;
        double h = -alpha * a[row + i - 1];
        scales[i] = h;
        double[] p = new double[i];
        int count = i;
        strips(
            i,
            threads,
            (from, to) -> {
              for (int r = from; r < to; r++) {
                p[r] = dot(a, r * n, a, row, count) / h;
              }
            });
        double k = dot(p, 0, a, row, i) / (2 * h);
        for (int j = 0; j < i; j++) {
          p[j] -= k * a[row + j];
        }
        // A <- A - u p^T - p u^T
        strips(
            i,
            threads,
            (from, to) -> {
              for (int r = from; r < to; r++) {
                subtract(a, r * n, a[row + r], p, 0, p[r], a, row, count);
              }
            });
      }
    }
    for (int i = 0; i < n; i++) {
      diagonal[i] = a[i * n + i];
    }
    double[] q = Matrix.identity(n).values();
    for (int i = 1; i < n; i++) {
      if (scales[i] > 0) {
        reflect(q, n, a, i, scales[i], threads);
      }
    }
    return q;
  }

  /** {@code Q^T <- Q^T - (Q^T u) u^T / h} on the leading i rows and columns, where it acts. */
  private static void reflect(double[] q, int n, double[] a, int i, double h, Parallel threads) {
    strips(
        i,
        threads,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            double factor = dot(q, r * n, a, i * n, i) / h;
            axpy(q, r * n, -factor, a, i * n, i);
          }
        });
  }

  /** Rows {@code [from, to)} of a triangle or square. */
  private interface Rows {
    void run(int from, int to);
  }

  /** Small work stays on the caller's thread. */
  private static void strips(int rows, Parallel threads, Rows body) {
    if (rows < 4 * STRIP) {
      body.run(0, rows);
      return;
    }
    threads.run(
        (rows + STRIP - 1) / STRIP,
        task -> body.run(task * STRIP, Math.min(rows, (task + 1) * STRIP)));
  }

  /** Implicit QL with Wilkinson's shift. {@code beside[i]} stands between i - 1 and i. */
  private static void iterate(
      double[] d, double[] beside, double[] basis, int n, Parallel threads) {
    double[] e = new double[n];
    System.arraycopy(beside, 1, e, 0, Math.max(0, n - 1));
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
        rotate(basis, n, first, m, cosines, sines, threads);
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
          for (int i = m - 1; i >= first; i--) {
            rotateRows(basis, i * n + from, (i + 1) * n + from, to - from, cosines[i], sines[i]);
          }
        });
  }

  private static void rotateRows(double[] v, int low, int high, int count, double c, double s) {
    int lanes = SPECIES.length();
    int j = 0;
    for (; j <= count - lanes; j += lanes) {
      DoubleVector x = DoubleVector.fromArray(SPECIES, v, low + j);
      DoubleVector y = DoubleVector.fromArray(SPECIES, v, high + j);
      x.mul(s).add(y.mul(c)).intoArray(v, high + j);
      x.mul(c).sub(y.mul(s)).intoArray(v, low + j);
    }
    for (; j < count; j++) {
      double x = v[low + j];
      double y = v[high + j];
      v[high + j] = s * x + c * y;
      v[low + j] = c * x - s * y;
    }
  }

  private static double dot(double[] a, int atA, double[] b, int atB, int count) {
    int lanes = SPECIES.length();
    DoubleVector sum0 = DoubleVector.zero(SPECIES);
    DoubleVector sum1 = sum0;
    int j = 0;
    for (; j <= count - 2 * lanes; j += 2 * lanes) {
      sum0 =
          DoubleVector.fromArray(SPECIES, a, atA + j)
              .fma(DoubleVector.fromArray(SPECIES, b, atB + j), sum0);
      sum1 =
          DoubleVector.fromArray(SPECIES, a, atA + j + lanes)
              .fma(DoubleVector.fromArray(SPECIES, b, atB + j + lanes), sum1);
    }
    double sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
    for (; j < count; j++) {
      sum += a[atA + j] * b[atB + j];
    }
    return sum;
  }

  private static void axpy(double[] y, int atY, double factor, double[] x, int atX, int count) {
    for (int j = 0; j < count; j++) {
      y[atY + j] += factor * x[atX + j];
    }
  }

  /** {@code target -= f p + g u}. */
  private static void subtract(
      double[] target,
      int at,
      double f,
      double[] p,
      int atP,
      double g,
      double[] u,
      int atU,
      int count) {
    for (int j = 0; j < count; j++) {
      target[at + j] -= f * p[atP + j] + g * u[atU + j];
    }
  }

  private static SymmetricEigen sorted(double[] values, double[] basis, int n) {
    Integer[] order = new Integer[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    java.util.Arrays.sort(order, (i, j) -> Double.compare(values[i], values[j]));
    double[] ascending = new double[n];
    Matrix vectors = Matrix.zeros(n, n);
    for (int i = 0; i < n; i++) {
      ascending[i] = values[order[i]];
      System.arraycopy(basis, order[i] * n, vectors.values(), i * n, n);
    }
    return new SymmetricEigen(ascending, vectors);
  }
}
