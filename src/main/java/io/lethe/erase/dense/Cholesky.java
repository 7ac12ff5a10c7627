// The Cholesky factor of a symmetric positive definite matrix, and what is solved with it.
package io.lethe.erase.dense;

import io.lethe.LetheException;

/**
 * {@code A = L L^T}, L lower triangular, in blocks of 64 columns: the block itself by the textbook
 * loop, what stands below it by substitution, the rest of the matrix by products ({@code n^3 / 3}
 * FLOPs).
 */
public final class Cholesky {
  private static final int BLOCK = 64;

  private final Products products;
  private final Matrix lower;

  private Cholesky(Products products, Matrix lower) {
    this.products = products;
    this.lower = lower;
  }

  /**
   * Factors A, which is not changed; only its lower triangle is read.
   *
   * @throws LetheException if A is not positive definite in double precision
   */
  public static Cholesky of(Matrix a, Products products) {
    int n = a.rows();
    Matrix.requireEqual("sides of a symmetric matrix", n, a.columns());
    Matrix work = a.copy();
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      factorBlock(work, from, to);
      if (to == n) {
        break;
      }
      Matrix below = below(work, from, to);
      Matrix square = products.outerGram(below);
      double[] values = work.values();
      for (int i = to; i < n; i++) {
        for (int j = to; j <= i; j++) {
          values[i * n + j] -= square.get(i - to, j - to);
        }
      }
    }
    for (int i = 0; i < n; i++) {
      java.util.Arrays.fill(work.values(), i * n + i + 1, (i + 1) * n, 0);
    }
    return new Cholesky(products, work);
  }

  private static void factorBlock(Matrix a, int from, int to) {
    int n = a.rows();
    double[] v = a.values();
    for (int j = from; j < to; j++) {
      double pivot = v[j * n + j];
      for (int p = from; p < j; p++) {
        pivot -= v[j * n + p] * v[j * n + p];
      }
      if (!(pivot > 0)) {
        throw new LetheException(
            "a matrix of " + n + " rows is not positive definite: pivot " + j + " is " + pivot);
      }
      double diagonal = Math.sqrt(pivot);
      v[j * n + j] = diagonal;
      for (int i = j + 1; i < n; i++) {
        double sum = v[i * n + j];
        for (int p = from; p < j; p++) {
          sum -= v[i * n + p] * v[j * n + p];
        }
        v[i * n + j] = sum / diagonal;
      }
    }
  }

  private static Matrix below(Matrix a, int from, int to) {
    int n = a.rows();
    Matrix part = Matrix.zeros(n - to, to - from);
    for (int i = to; i < n; i++) {
      System.arraycopy(a.values(), i * n + from, part.values(), (i - to) * (to - from), to - from);
    }
    return part;
  }

  /** L, with zeros above the diagonal. */
  public Matrix lower() {
    return lower;
  }

  /** {@code X A^-1} for rows: since A is symmetric, the transpose of {@code A^-1 X^T}. */
  public Matrix solveRows(Matrix x) {
    return solve(x.transpose()).transpose();
  }

  /** {@code A^-1 B}. */
  public Matrix solve(Matrix b) {
    return backward(forward(b));
  }

  /** {@code L^-1 B}. */
  public Matrix forward(Matrix b) {
    int n = lower.rows();
    Matrix x = copyFitting(b);
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      if (from > 0) {
        subtract(block(from, to, 0, from), false, x.rows(0, from), x, from);
      }
      for (int i = from; i < to; i++) {
        for (int p = from; p < i; p++) {
          addRow(x, i, -lower.get(i, p), p);
        }
        scaleRow(x, i, 1 / lower.get(i, i));
      }
    }
    return x;
  }

  /** {@code L^-T B}. */
  public Matrix backward(Matrix b) {
    int n = lower.rows();
    Matrix x = copyFitting(b);
    int last = (n - 1) / BLOCK * BLOCK;
    for (int from = last; from >= 0; from -= BLOCK) {
      int to = Math.min(n, from + BLOCK);
      if (to < n) {
        subtract(block(to, n, from, to), true, x.rows(to, n), x, from);
      }
      for (int i = to - 1; i >= from; i--) {
        for (int p = i + 1; p < to; p++) {
          addRow(x, i, -lower.get(p, i), p);
        }
        scaleRow(x, i, 1 / lower.get(i, i));
      }
    }
    return x;
  }

  private Matrix copyFitting(Matrix b) {
    Matrix.requireEqual("rows of a right side", b.rows(), lower.rows());
    return b.copy();
  }

  private Matrix block(int from, int to, int firstColumn, int lastColumn) {
    Matrix part = Matrix.zeros(to - from, lastColumn - firstColumn);
    for (int i = from; i < to; i++) {
      System.arraycopy(
          lower.values(),
          i * lower.columns() + firstColumn,
          part.values(),
          (i - from) * part.columns(),
          part.columns());
    }
    return part;
  }

  /** Takes {@code op(part) known} from the rows of x that start at {@code row}. */
  private void subtract(Matrix part, boolean transposed, Matrix known, Matrix x, int row) {
    int rows = transposed ? part.columns() : part.rows();
    Matrix product = Matrix.zeros(rows, known.columns());
    products.addProduct(part, transposed, known, false, product);
    double[] values = x.values();
    int at = row * x.columns();
    for (int i = 0; i < product.values().length; i++) {
      values[at + i] -= product.values()[i];
    }
  }

  private static void addRow(Matrix x, int target, double factor, int source) {
    int n = x.columns();
    double[] v = x.values();
    for (int j = 0; j < n; j++) {
      v[target * n + j] += factor * v[source * n + j];
    }
  }

  private static void scaleRow(Matrix x, int row, double factor) {
    int n = x.columns();
    double[] v = x.values();
    for (int j = row * n; j < (row + 1) * n; j++) {
      v[j] *= factor;
    }
  }

  /**
   * The condition of A in the 2-norm, from the largest and the smallest eigenvalue by power
   * iteration with A and with its factor. Approaches the true value from below; exact to about a
   * percent where the outer eigenvalues stand apart.
   */
  public double condition() {
    int n = lower.rows();
    return n == 0 ? 1 : largest(false) * largest(true);
  }

  /** The largest eigenvalue of A, as for {@link #condition}. */
  public double largestEigenvalue() {
    return largest(false);
  }

  private double largest(boolean inverse) {
    int n = lower.rows();
    Matrix x = Matrix.zeros(n, 1);
    for (int i = 0; i < n; i++) {
      x.set(i, 0, 1 + 0.5 * Math.sin(i + 1.0)); // no symmetry that an eigenvector may share
    }
    double value = 0;
    for (int round = 0; round < 200; round++) {
      double scale = x.norm();
      x = inverse ? solve(x.times(1 / scale)) : apply(x.times(1 / scale));
      double next = x.norm();
      if (Math.abs(next - value) <= 1e-6 * next) {
        return next;
      }
      value = next;
    }
    return value;
  }

  private Matrix apply(Matrix x) {
    return products.product(lower, products.transposedProduct(lower, x));
  }
}
