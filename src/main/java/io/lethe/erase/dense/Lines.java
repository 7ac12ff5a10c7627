// One operand of a product in double: its lines, and how panels of them are packed.
package io.lethe.erase.dense;

import io.lethe.backend.cpu.CacheLine;
import io.lethe.backend.cpu.VectorSpecies;
import jdk.incubator.vector.DoubleVector;

/**
 * Lines are rows of A or columns of B; along a line runs the inner index of the product. Packed,
 * {@link #WIDTH} lines stand side by side in a panel, with the inner index outermost: {@code
 * packed[FIRST + (panel * steps + p) * WIDTH + line]}.
 */
sealed interface Lines {
  /** Lines of a panel: whole tiles of {@link ProductTile}, by their rows and by their columns. */
  int WIDTH = ProductTile.PANEL;

  int count();

  /** Numbers of a line. */
  int length();

  /** Lines of a matrix, to be packed. */
  sealed interface Unpacked extends Lines {
    /**
     * Packs panels {@code [firstPanel, lastPanel)} of {@code steps} inner indices from {@code
     * begin} on; what stands beside the last lines is never read into a result.
     */
    void pack(int begin, int steps, int firstPanel, int lastPanel, double[] packed);
  }

  /** The rows of a matrix. */
  record Rows(Matrix matrix) implements Unpacked {
    /** Inner indices that are read of each line in turn: one cache line. */
    private static final int TOGETHER = 8;

    @Override
    public int count() {
      return matrix.rows();
    }

    @Override
    public int length() {
      return matrix.columns();
    }

    @Override
    public void pack(int begin, int steps, int firstPanel, int lastPanel, double[] packed) {
      double[] values = matrix.values();
      int columns = matrix.columns();
      for (int panel = firstPanel; panel < lastPanel; panel++) {
        int lines = Math.min(WIDTH, matrix.rows() - panel * WIDTH);
        for (int first = 0; first < steps; first += TOGETHER) {
          int last = Math.min(steps, first + TOGETHER);
          for (int line = 0; line < lines; line++) {
            int from = (panel * WIDTH + line) * columns + begin;
            int to = CacheLine.FIRST_DOUBLE + panel * steps * WIDTH + line;
            for (int p = first; p < last; p++) {
              packed[to + p * WIDTH] = values[from + p];
            }
          }
        }
      }
    }
  }

  /**
   * The columns of a matrix: a few panels at once read whole cache lines.
   *
   * @param rows which row each inner index is, or null for all in their order
   * @param factors one an inner index, to multiply its row with, or null
   */
  record Columns(Matrix matrix, int[] rows, double[] factors) implements Unpacked {
    private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;

    @Override
    public int count() {
      return matrix.columns();
    }

    @Override
    public int length() {
      return rows == null ? matrix.rows() : rows.length;
    }

    @Override
    public void pack(int begin, int steps, int firstPanel, int lastPanel, double[] packed) {
      double[] values = matrix.values();
      int whole = matrix.columns() / WIDTH;
      for (int p = 0; p < steps; p++) {
        int row = rows == null ? begin + p : rows[begin + p];
        double factor = factors == null ? 1 : factors[begin + p];
        for (int panel = firstPanel; panel < lastPanel; panel++) {
          int from = row * matrix.columns() + panel * WIDTH;
          int to = CacheLine.FIRST_DOUBLE + (panel * steps + p) * WIDTH;
          if (panel < whole) {
            copyWhole(factor, values, from, packed, to);
          } else {
            for (int j = 0; j < matrix.columns() - whole * WIDTH; j++) {
              packed[to + j] = factor * values[from + j];
            }
          }
        }
      }
    }

    private static void copyWhole(
        double factor, double[] values, int from, double[] packed, int to) {
      for (int j = 0; j < WIDTH; j += SPECIES.length()) {
        DoubleVector.fromArray(SPECIES, values, from + j).mul(factor).intoArray(packed, to + j);
      }
    }
  }

  /**
   * Lines that are packed already, to be multiplied again and again.
   *
   * @param blocks one every {@link Products#PACKED} inner indices
   */
  record Packed(int count, int length, double[][] blocks) implements Lines {}
}
