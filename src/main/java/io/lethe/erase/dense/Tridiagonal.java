// Householder's reduction of a symmetric matrix to a tridiagonal one.
package io.lethe.erase.dense;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.VectorSpecies;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code Q^T A Q = T} (Golub and Van Loan, Matrix Computations, 8.3.1): reflections take the last
 * column first, as rows of the symmetric A, so that they work on whole rows. {@code 4 n^3 / 3}
 * FLOPs, and as many for the basis.
 */
final class Tridiagonal {
  private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;
  private static final int STRIP = 64;

  private final int n;
  private final double[] reflectors;
  private final double[] scales;
  private final double[] diagonal;
  private final double[] beside;
  private final Parallel threads;

  private Tridiagonal(int n, double[] work, Parallel threads) {
    this.n = n;
    this.reflectors = work;
    this.scales = new double[n];
    this.diagonal = new double[n];
    this.beside = new double[n];
    this.threads = threads;
  }

  /**
   * Reduces A, which is not changed; only its lower triangle is read.
   *
   * @throws LetheException if a number is not finite
   */
  static Tridiagonal of(Matrix a, Parallel threads) {
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
    Tridiagonal result = new Tridiagonal(n, work, threads);
    result.reduce();
    return result;
  }

  private void reduce() {
    double[] a = reflectors;
    for (int i = n - 1; i > 0; i--) {
      int row = i * n;
      double norm = norm(a, row, i);
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
  }

  /** The Euclidean norm; scaled, so that no square is lost or too large. */
  private static double norm(double[] a, int at, int count) {
    double largest = 0;
    for (int j = at; j < at + count; j++) {
      largest = Math.max(largest, Math.abs(a[j]));
    }
    if (!(largest > 0)) {
      return 0;
    }
    double sum = 0;
    for (int j = at; j < at + count; j++) {
      double share = a[j] / largest;
      sum += share * share;
    }
    return largest * Math.sqrt(sum);
  }

  int size() {
    return n;
  }

  /** T's diagonal, a copy. */
  double[] diagonal() {
    return diagonal.clone();
  }

  /** What stands beside T's diagonal, number i between i and i + 1; the last is 0. A copy. */
  double[] beside() {
    double[] e = new double[n];
    System.arraycopy(beside, 1, e, 0, Math.max(0, n - 1));
    return e;
  }

  /** {@code Q^T}: row i is the i-th vector of T's basis. */
  double[] basis() {
    double[] q = Matrix.identity(n).values();
    for (int i = 1; i < n; i++) {
      if (scales[i] > 0) {
        int last = i;
        // the leading i rows and columns are where it acts
        strips(i, (from, to) -> reflect(q, from, to, last));
      }
    }
    return q;
  }

  /** Rows in T's basis as rows in A's: {@code rows Q^T}. */
  Matrix restore(Matrix rows) {
    Matrix restored = rows.copy();
    threads.run(
        rows.rows(),
        r -> {
          for (int i = 1; i < n; i++) {
            if (scales[i] > 0) {
              reflect(restored.values(), r, r + 1, i);
            }
          }
        });
    return restored;
  }

  /** {@code q <- q - (q u) u^T / h} for rows {@code [from, to)}, with the i-th reflection. */
  private void reflect(double[] q, int from, int to, int i) {
    for (int r = from; r < to; r++) {
      double factor = dot(q, r * n, reflectors, i * n, i) / scales[i];
      axpy(q, r * n, -factor, reflectors, i * n, i);
    }
  }

  /** Rows {@code [from, to)} of a triangle or square. */
  private interface Rows {
    void run(int from, int to);
  }

  /** Small work stays on the caller's thread. */
  private void strips(int rows, Rows body) {
    if (rows < 4 * STRIP) {
      body.run(0, rows);
      return;
    }
    threads.run(
        (rows + STRIP - 1) / STRIP,
        task -> body.run(task * STRIP, Math.min(rows, (task + 1) * STRIP)));
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
}
