// Matrix products in double: packed panels, a register tile, tasks cut by shape.
package io.lethe.erase.dense;

import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.VectorSpecies;
import jdk.incubator.vector.DoubleVector;

/**
 * {@code C += op(A) op(B)} with {@code C [m, n]} and inner length k.
 *
 * <p>Both operands are packed, A in panels of 4 rows, B in panels of 3 vectors, with the inner
 * index outermost in a panel; a register tile of 4 rows by 3 vectors adds up 128 inner steps at a
 * time, so that a panel of B stays in the first cache. Tiles of C are tasks of their own, which
 * makes every sum independent of the number of threads. 2 m n k FLOPs.
 */
public final class Products {
  private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;
  private static final int LANES = SPECIES.length();
  private static final int TILE_ROWS = 4;
  private static final int TILE_COLUMNS = 3 * LANES;
  private static final int INNER = 128;

  /** Inner steps that are packed at once: both operands' stay in the last cache. */
  private static final int PACKED = 12 * INNER;

  /** Extents of a task's part of C, whole register tiles at any vector width up to 512 bits. */
  private static final int TASK = 96;

  private final Parallel threads;

  public Products(Parallel threads) {
    this.threads = threads;
  }

  /** {@code A B}. */
  public Matrix product(Matrix a, Matrix b) {
    Matrix c = Matrix.zeros(a.rows(), b.columns());
    addProduct(a, false, b, false, c);
    return c;
  }

  /** {@code A B^T}. */
  public Matrix productTransposed(Matrix a, Matrix b) {
    Matrix c = Matrix.zeros(a.rows(), b.rows());
    addProduct(a, false, b, true, c);
    return c;
  }

  /** {@code A^T B}. */
  public Matrix transposedProduct(Matrix a, Matrix b) {
    Matrix c = Matrix.zeros(a.columns(), b.columns());
    addProduct(a, true, b, false, c);
    return c;
  }

  /** {@code A^T A}, for rows that are observations. */
  public Matrix gram(Matrix a) {
    Matrix c = Matrix.zeros(a.columns(), a.columns());
    addGram(a, c);
    return c;
  }

  /** {@code C += A^T A} for a symmetric C; half the work of a product. */
  public void addGram(Matrix a, Matrix c) {
    addSymmetric(a, a, c);
  }

  /** {@code C += A^T diag(weights) A} for a symmetric C. */
  public void addWeightedGram(Matrix a, double[] weights, Matrix c) {
    addSymmetric(a.scaleRows(weights), a, c);
  }

  /** {@code A A^T}. */
  public Matrix outerGram(Matrix a) {
    Matrix c = Matrix.zeros(a.rows(), a.rows());
    compute(a, false, a, true, c, true);
    mirror(c);
    return c;
  }

  /** {@code C += A^T B} where that product is known to be symmetric, as C is. */
  private void addSymmetric(Matrix a, Matrix b, Matrix c) {
    compute(a, true, b, false, c, true);
    mirror(c);
  }

  /** {@code C += op(A) op(B)}. */
  public void addProduct(Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix c) {
    compute(a, transposeA, b, transposeB, c, false);
  }

  /** Copies the lower triangle to the upper one. */
  private static void mirror(Matrix c) {
    int n = c.rows();
    double[] values = c.values();
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        values[i * n + j] = values[j * n + i];
      }
    }
  }

  private void compute(
      Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix c, boolean lowerOnly) {
    int m = transposeA ? a.columns() : a.rows();
    int k = transposeA ? a.rows() : a.columns();
    int n = transposeB ? b.rows() : b.columns();
    Matrix.requireEqual("inner extents of a product", k, transposeB ? b.columns() : b.rows());
    Matrix.requireEqual("rows of a product", m, c.rows());
    Matrix.requireEqual("columns of a product", n, c.columns());
    if (m == 0 || n == 0 || k == 0) {
      return;
    }
    int longest = Math.min(k, PACKED);
    double[] packedA = new double[packedSize(m, TILE_ROWS, longest)];
    double[] packedB = new double[packedSize(n, TILE_COLUMNS, longest)];
    int down = (m + TASK - 1) / TASK;
    int across = (n + TASK - 1) / TASK;
    for (int from = 0; from < k; from += PACKED) {
      int steps = Math.min(PACKED, k - from);
      pack(a, transposeA, m, from, steps, TILE_ROWS, packedA);
      pack(b, !transposeB, n, from, steps, TILE_COLUMNS, packedB);
      threads.run(
          down * across,
          task -> {
            int row = task / across * TASK;
            int column = task % across * TASK;
            if (!lowerOnly || column <= row) {
              block(packedA, packedB, steps, row, Math.min(row + TASK, m), column, n, c.values());
            }
          });
    }
  }

  private static int packedSize(int lines, int width, int steps) {
    int panels = (lines + width - 1) / width;
    return Math.multiplyExact(Math.multiplyExact(panels, width), steps);
  }

  /**
   * Panels of {@code width} lines, each panel {@code [steps][width]}; what stands beside the last
   * lines is never read into C. A line is a row, or a column where the matrix is to be read
   * transposed.
   */
  private void pack(
      Matrix source,
      boolean lineIsColumn,
      int lines,
      int begin,
      int steps,
      int width,
      double[] packed) {
    int panels = (lines + width - 1) / width;
    double[] values = source.values();
    int stride = source.columns();
    int perTask = Math.max(1, TASK / width);
    threads.run(
        (panels + perTask - 1) / perTask,
        task -> {
          int last = Math.min(panels, (task + 1) * perTask);
          for (int panel = task * perTask; panel < last; panel++) {
            int first = panel * width;
            int count = Math.min(width, lines - first);
            int at = panel * width * steps;
            if (lineIsColumn) {
              for (int p = 0; p < steps; p++) {
                int from = (begin + p) * stride + first;
                System.arraycopy(values, from, packed, at + p * width, count);
              }
            } else {
              for (int line = 0; line < count; line++) {
                int from = (first + line) * stride + begin;
                for (int p = 0; p < steps; p++) {
                  packed[at + p * width + line] = values[from + p];
                }
              }
            }
          }
        });
  }

  /** Rows {@code [row, lastRow)} and columns {@code [column, column + TASK)} of C. */
  private static void block(
      double[] a, double[] b, int k, int row, int lastRow, int column, int n, double[] c) {
    int lastColumn = Math.min(column + TASK, n);
    double[] edge = new double[TILE_ROWS * TILE_COLUMNS];
    for (int from = 0; from < k; from += INNER) {
      int steps = Math.min(INNER, k - from);
      for (int j = column; j < lastColumn; j += TILE_COLUMNS) {
        int atB = j * k + from * TILE_COLUMNS;
        boolean wholeColumns = j + TILE_COLUMNS <= n;
        for (int i = row; i < lastRow; i += TILE_ROWS) {
          int atA = i * k + from * TILE_ROWS;
          if (wholeColumns && i + TILE_ROWS <= lastRow) {
            tile(a, atA, b, atB, steps, c, i * n + j, n);
          } else {
            java.util.Arrays.fill(edge, 0);
            tile(a, atA, b, atB, steps, edge, 0, TILE_COLUMNS);
            for (int r = 0; r < Math.min(TILE_ROWS, lastRow - i); r++) {
              for (int s = 0; s < Math.min(TILE_COLUMNS, n - j); s++) {
                c[(i + r) * n + j + s] += edge[r * TILE_COLUMNS + s];
              }
            }
          }
        }
      }
    }
  }

  /** Adds {@code steps} outer products of 4 numbers of A and 3 vectors of B to a tile of C. */
  private static void tile(
      double[] a, int atA, double[] b, int atB, int steps, double[] c, int at, int stride) {
    DoubleVector c00 = DoubleVector.zero(SPECIES);
    DoubleVector c01 = c00;
    DoubleVector c02 = c00;
    DoubleVector c10 = c00;
    DoubleVector c11 = c00;
    DoubleVector c12 = c00;
    DoubleVector c20 = c00;
    DoubleVector c21 = c00;
    DoubleVector c22 = c00;
    DoubleVector c30 = c00;
    DoubleVector c31 = c00;
    DoubleVector c32 = c00;
    for (int p = 0; p < steps; p++) {
      DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, atB);
      DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, atB + LANES);
      DoubleVector b2 = DoubleVector.fromArray(SPECIES, b, atB + 2 * LANES);
      DoubleVector a0 = DoubleVector.broadcast(SPECIES, a[atA]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      DoubleVector a1 = DoubleVector.broadcast(SPECIES, a[atA + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      DoubleVector a2 = DoubleVector.broadcast(SPECIES, a[atA + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      DoubleVector a3 = DoubleVector.broadcast(SPECIES, a[atA + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      atA += TILE_ROWS;
      atB += TILE_COLUMNS;
    }
    add(c, at, c00, c01, c02);
    add(c, at + stride, c10, c11, c12);
    add(c, at + 2 * stride, c20, c21, c22);
    add(c, at + 3 * stride, c30, c31, c32);
  }

  private static void add(double[] c, int at, DoubleVector v0, DoubleVector v1, DoubleVector v2) {
    DoubleVector.fromArray(SPECIES, c, at).add(v0).intoArray(c, at);
    DoubleVector.fromArray(SPECIES, c, at + LANES).add(v1).intoArray(c, at + LANES);
    DoubleVector.fromArray(SPECIES, c, at + 2 * LANES).add(v2).intoArray(c, at + 2 * LANES);
  }
}
