// Matrix products in double: packed panels, a register tile, tasks cut by shape.
package io.lethe.erase.dense;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.CacheLine;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.IntStream;

/**
 * {@code C += op(A) op(B)} with {@code C [m, n]} and inner length k.
 *
 * <p>Both operands are packed in panels ({@link Lines}); a symmetric product packs its one operand
 * once. A tile ({@link ProductTile}) adds up 128 inner steps at a time, so that a panel of B stays
 * in the first cache. Parts of C are tasks of their own, which makes every sum independent of the
 * number of threads. 2 m n k FLOPs, half of them where the result is symmetric.
 *
 * <p>Safe for several threads at once.
 */
public final class Products {
  private static final int TILE_ROWS = ProductTile.ROWS;
  private static final int TILE_COLUMNS = ProductTile.COLUMNS;
  private static final int INNER = 128;

  /** Inner steps that are packed at once: both operands' stay in the last cache. */
  static final int PACKED = 12 * INNER;

  /** Panels that one task packs: those that a cache line reaches into. */
  private static final int TOGETHER = 4;

  /** Extents of a task's part of C, whole panels at any vector width up to 512 bits. */
  private static final int TASK = 96;

  /** Columns that are mirrored together: their cache lines are read again for the next rows. */
  private static final int BLOCK = 64;

  static {
    ProductTile.prepare(); // here, since C2 would not keep what it made of a class half initialised
  }

  private final Parallel threads;

  /** Memory of panels, for the next product. */
  private final ConcurrentLinkedDeque<double[]> idle = new ConcurrentLinkedDeque<>();

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

  /** {@code A B^T} for an A that {@link #packRows} has packed. */
  public Matrix productTransposed(PackedRows a, Matrix b) {
    Matrix c = Matrix.zeros(a.lines.count(), b.rows());
    compute(a.lines, new Lines.Rows(b), c, false);
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
    addSquare(columns(a), c);
  }

  /**
   * {@code C += A^T diag(weights) A} for a symmetric C; rows without weight cost nothing.
   *
   * @param weights one a row, none below 0
   */
  public void addWeightedGram(Matrix a, double[] weights, Matrix c) {
    Matrix.requireEqual("weights of rows", weights.length, a.rows());
    int[] rows = IntStream.range(0, weights.length).filter(row -> weights[row] != 0).toArray();
    double[] roots = Arrays.stream(rows).mapToDouble(row -> Math.sqrt(weights[row])).toArray();
    for (double root : roots) {
      if (!(root > 0)) {
        throw new LetheException("the weight of a row is negative or not a number");
      }
    }
    addSquare(new Lines.Columns(a, rows, roots), c);
  }

  /** {@code A A^T}. */
  public Matrix outerGram(Matrix a) {
    Matrix c = Matrix.zeros(a.rows(), a.rows());
    addSquare(new Lines.Rows(a), c);
    return c;
  }

  /** {@code C += op(A) op(B)}. */
  public void addProduct(Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix c) {
    compute(
        transposeA ? columns(a) : new Lines.Rows(a),
        transposeB ? new Lines.Rows(b) : columns(b),
        c,
        false);
  }

  private static Lines columns(Matrix matrix) {
    return new Lines.Columns(matrix, null, null);
  }

  /** The rows of a matrix, packed for many products. */
  public static final class PackedRows {
    private final Lines.Packed lines;

    private PackedRows(Lines.Packed lines) {
      this.lines = lines;
    }
  }

  /** Packs the left operand of many products; as much memory as the matrix takes once more. */
  public PackedRows packRows(Matrix matrix) {
    Lines.Rows rows = new Lines.Rows(matrix);
    double[][] blocks = new double[(rows.length() + PACKED - 1) / PACKED][];
    for (int i = 0; i < blocks.length; i++) {
      int steps = Math.min(PACKED, rows.length() - i * PACKED);
      blocks[i] = new double[packedSize(rows, steps)];
      pack(rows, i * PACKED, steps, blocks[i]);
    }
    return new PackedRows(new Lines.Packed(rows.count(), rows.length(), blocks));
  }

  /** {@code C += L L^T} for a symmetric C. */
  private void addSquare(Lines lines, Matrix c) {
    compute(lines, lines, c, true);
    mirror(c);
  }

  /** Copies the lower triangle to the upper one. */
  private static void mirror(Matrix c) {
    int n = c.rows();
    double[] values = c.values();
    for (int column = 0; column < n; column += BLOCK) {
      for (int i = 0; i < n; i++) {
        for (int j = Math.max(i + 1, column); j < Math.min(n, column + BLOCK); j++) {
          values[i * n + j] = values[j * n + i];
        }
      }
    }
  }

  /**
   * @param lowerOnly only what the lower triangle of c needs
   */
  private void compute(Lines a, Lines b, Matrix c, boolean lowerOnly) {
    int m = a.count();
    int n = b.count();
    int k = a.length();
    Matrix.requireEqual("inner extents of a product", k, b.length());
    Matrix.requireEqual("rows of a product", m, c.rows());
    Matrix.requireEqual("columns of a product", n, c.columns());
    int down = (m + TASK - 1) / TASK;
    int across = (n + TASK - 1) / TASK;
    for (int from = 0; m > 0 && n > 0 && from < k; from += PACKED) {
      int steps = Math.min(PACKED, k - from);
      double[] packedA = packed(a, from, steps);
      double[] packedB = a == b ? packedA : packed(b, from, steps);
      threads.run(
          down * across,
          task -> {
            int row = task / across * TASK;
            int column = task % across * TASK;
            if (!lowerOnly || column <= row) {
              block(packedA, packedB, steps, row, Math.min(row + TASK, m), column, n, c.values());
            }
          });
      giveBack(a, packedA);
      if (a != b) {
        giveBack(b, packedB);
      }
    }
  }

  private double[] packed(Lines lines, int from, int steps) {
    return switch (lines) {
      case Lines.Packed done -> done.blocks()[from / PACKED];
      case Lines.Unpacked source -> {
        int size = packedSize(source, steps);
        double[] memory = idle.pollFirst();
        if (memory == null || memory.length < size) {
          memory = new double[size];
        }
        pack(source, from, steps, memory);
        yield memory;
      }
    };
  }

  private void giveBack(Lines lines, double[] memory) {
    if (lines instanceof Lines.Unpacked) {
      idle.addFirst(memory);
    }
  }

  private static int packedSize(Lines lines, int steps) {
    int panels = (lines.count() + Lines.WIDTH - 1) / Lines.WIDTH;
    int numbers = Math.multiplyExact(Math.multiplyExact(panels, Lines.WIDTH), steps);
    return Math.addExact(CacheLine.FIRST_DOUBLE, numbers);
  }

  private void pack(Lines.Unpacked lines, int from, int steps, double[] packed) {
    int panels = (lines.count() + Lines.WIDTH - 1) / Lines.WIDTH;
    threads.run(
        (panels + TOGETHER - 1) / TOGETHER,
        task -> {
          int first = task * TOGETHER;
          lines.pack(from, steps, first, Math.min(panels, first + TOGETHER), packed);
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
        int atB = place(j, k, from);
        boolean wholeColumns = j + TILE_COLUMNS <= n;
        for (int i = row; i < lastRow; i += TILE_ROWS) {
          int atA = place(i, k, from);
          if (wholeColumns && i + TILE_ROWS <= lastRow) {
            ProductTile.add(a, atA, b, atB, steps, c, i * n + j, n);
          } else {
            Arrays.fill(edge, 0);
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

  /** Where step {@code from} of a line stands in panels of k steps. */
  private static int place(int line, int k, int from) {
    int panel = line / Lines.WIDTH;
    return CacheLine.FIRST_DOUBLE + (panel * k + from) * Lines.WIDTH + line - panel * Lines.WIDTH;
  }
}
