// Matrix products in double: packed panels, a register tile, tasks cut by shape.
package io.lethe.erase.dense;

import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.CacheLine;
import io.lethe.backend.cpu.VectorSpecies;
import java.util.stream.IntStream;
import jdk.incubator.vector.DoubleVector;

/**
 * {@code C += op(A) op(B)} with {@code C [m, n]} and inner length k.
 *
 * <p>Both operands are packed in panels of as many lines as a register tile has ({@link
 * ProductTile}), with the inner index outermost in a panel; a tile adds up 128 inner steps at a
 * time, so that a panel of B stays in the first cache. Parts of C are tasks of their own, which
 * makes every sum independent of the number of threads. 2 m n k FLOPs.
 */
public final class Products {
  private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;
  private static final int LANES = SPECIES.length();
  private static final int TILE_ROWS = ProductTile.ROWS;
  private static final int TILE_COLUMNS = ProductTile.COLUMNS;
  private static final int INNER = 128;

  /** Inner steps that are packed at once: both operands' stay in the last cache. */
  private static final int PACKED = 12 * INNER;

  /** Panels that are packed side by side: few enough to stay in one set of the first cache. */
  private static final int TOGETHER = 4;

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
    compute(a, true, a, false, c, true, null);
    mirror(c);
  }

  /** {@code C += A^T diag(weights) A} for a symmetric C; rows without weight cost nothing. */
  public void addWeightedGram(Matrix a, double[] weights, Matrix c) {
    Matrix.requireEqual("weights of rows", weights.length, a.rows());
    compute(a, true, a, false, c, true, weights);
    mirror(c);
  }

  /** {@code A A^T}. */
  public Matrix outerGram(Matrix a) {
    Matrix c = Matrix.zeros(a.rows(), a.rows());
    compute(a, false, a, true, c, true, null);
    mirror(c);
    return c;
  }

  /** {@code C += op(A) op(B)}. */
  public void addProduct(Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix c) {
    compute(a, transposeA, b, transposeB, c, false, null);
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

  /**
   * @param lowerOnly only what the lower triangle of c needs
   * @param weights one an inner index, where that is the row of both operands; or null for ones
   */
  private void compute(
      Matrix a,
      boolean transposeA,
      Matrix b,
      boolean transposeB,
      Matrix c,
      boolean lowerOnly,
      double[] weights) {
    int m = transposeA ? a.columns() : a.rows();
    int inner = transposeA ? a.rows() : a.columns();
    int n = transposeB ? b.rows() : b.columns();
    Matrix.requireEqual("inner extents of a product", inner, transposeB ? b.columns() : b.rows());
    int[] rows = weights == null ? null : rowsWithWeight(weights);
    int k = weights == null ? inner : rows.length;
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
      if (transposeA) {
        packColumns(a, m, from, steps, TILE_ROWS, rows, null, packedA);
      } else {
        packRows(a, m, from, steps, TILE_ROWS, packedA);
      }
      if (transposeB) {
        packRows(b, n, from, steps, TILE_COLUMNS, packedB);
      } else {
        packColumns(b, n, from, steps, TILE_COLUMNS, rows, weights, packedB);
      }
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

  /** The rows that have a weight. */
  private static int[] rowsWithWeight(double[] weights) {
    return IntStream.range(0, weights.length).filter(row -> weights[row] != 0).toArray();
  }

  private static int packedSize(int lines, int width, int steps) {
    int panels = (lines + width - 1) / width;
    int numbers = Math.multiplyExact(Math.multiplyExact(panels, width), steps);
    return Math.addExact(CacheLine.FIRST_DOUBLE, numbers);
  }

  /** What packs panels {@code from .. to - 1}. */
  private interface Panels {
    void pack(int from, int to);
  }

  /**
   * Panels of {@code width} lines, {@code packed[FIRST + (panel * steps + p) * width + line]}; what
   * stands beside the last lines is never read into C.
   */
  private void pack(int lines, int width, Panels panels) {
    int count = (lines + width - 1) / width;
    int tasks = (count + TOGETHER - 1) / TOGETHER;
    threads.run(
        tasks, task -> panels.pack(task * TOGETHER, Math.min(count, (task + 1) * TOGETHER)));
  }

  /** Lines are rows. */
  private void packRows(
      Matrix source, int lines, int begin, int steps, int width, double[] packed) {
    double[] values = source.values();
    pack(
        lines,
        width,
        (panelFrom, panelTo) -> {
          for (int line = panelFrom * width; line < Math.min(lines, panelTo * width); line++) {
            int from = line * source.columns() + begin;
            int panel = line / width;
            int to = CacheLine.FIRST_DOUBLE + panel * steps * width + line - panel * width;
            for (int p = 0; p < steps; p++) {
              packed[to + p * width] = values[from + p];
            }
          }
        });
  }

  /**
   * Lines are columns: a few panels at once read whole cache lines.
   *
   * @param rows which row each inner index is, or null for all in their order
   * @param weights one a row, to multiply it with, or null
   */
  private void packColumns(
      Matrix source,
      int lines,
      int begin,
      int steps,
      int width,
      int[] rows,
      double[] weights,
      double[] packed) {
    double[] values = source.values();
    int whole = lines / width;
    pack(
        lines,
        width,
        (panelFrom, panelTo) -> {
          for (int p = 0; p < steps; p++) {
            int row = rows == null ? begin + p : rows[begin + p];
            double weight = weights == null ? 1 : weights[row];
            for (int panel = panelFrom; panel < panelTo; panel++) {
              int from = row * source.columns() + panel * width;
              int to = CacheLine.FIRST_DOUBLE + (panel * steps + p) * width;
              if (panel < whole) {
                copy(weight, values, from, packed, to, width);
              } else {
                for (int j = 0; j < lines - whole * width; j++) {
                  packed[to + j] = weight * values[from + j];
                }
              }
            }
          }
        });
  }

  private static void copy(
      double weight, double[] values, int from, double[] packed, int to, int width) {
    for (int j = 0; j < width; j += LANES) {
      DoubleVector.fromArray(SPECIES, values, from + j).mul(weight).intoArray(packed, to + j);
    }
  }

  /** Rows {@code [row, lastRow)} and columns {@code [column, column + TASK)} of C. */
  private static void block(
      double[] a, double[] b, int k, int row, int lastRow, int column, int n, double[] c) {
    int lastColumn = Math.min(column + TASK, n);
    double[] edge = new double[TILE_ROWS * TILE_COLUMNS];
    for (int from = 0; from < k; from += INNER) {
      int steps = Math.min(INNER, k - from);
      for (int j = column; j < lastColumn; j += TILE_COLUMNS) {
        int atB = CacheLine.FIRST_DOUBLE + j * k + from * TILE_COLUMNS;
        boolean wholeColumns = j + TILE_COLUMNS <= n;
        for (int i = row; i < lastRow; i += TILE_ROWS) {
          int atA = CacheLine.FIRST_DOUBLE + i * k + from * TILE_ROWS;
          if (wholeColumns && i + TILE_ROWS <= lastRow) {
            ProductTile.add(a, atA, b, atB, steps, c, i * n + j, n);
          } else {
            java.util.Arrays.fill(edge, 0);
            ProductTile.add(a, atA, b, atB, steps, edge, 0, TILE_COLUMNS);
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
}
