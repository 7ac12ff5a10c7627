// Words as a few rows each, scaled so that what an edit does to them is a share.
package io.lethe.erase.closed;

import io.lethe.backend.Parallel;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;
import java.util.List;

/**
 * The rows of word j stand at {@code [j rank, (j + 1) rank)}. They are the {@code rank} strongest
 * singular directions of all its embeddings, times their singular values, so that {@code X_j^T X_j}
 * is nearest to that of all; and divided by the energy by which its keys and values differ from the
 * empty prompt's, so that {@code sum ||W M x||^2} over them is the word's damage.
 *
 * @param names the words
 * @param rank rows of each
 * @param rows {@code [names * rank, width]}
 * @param lost the largest share of a word's squared norm that its rows leave out
 */
public record WordRows(List<String> names, int rank, Matrix rows, double lost) {
  private static final int FEW = 24;
  private static final int EXTRA = 4;
  private static final int ITERATIONS = 12;

  public WordRows {
    names = List.copyOf(names);
  }

  public int count() {
    return names.size();
  }

  /**
   * Compresses words.
   *
   * @param embeddings of each word all rows that count, {@code [n, width]}
   * @param energies by which each word differs from the empty prompt
   */
  public static WordRows of(
      List<String> names, List<Matrix> embeddings, double[] energies, int rank, Parallel threads) {
    int width = embeddings.getFirst().columns();
    Matrix rows = Matrix.zeros(Math.multiplyExact(names.size(), rank), width);
    double[] lost = new double[names.size()];
    threads.run(
        names.size(),
        j -> {
          Matrix scaled = embeddings.get(j).times(1 / Math.sqrt(energies[j]));
          Matrix strongest = strongest(scaled, rank);
          System.arraycopy(
              strongest.values(), 0, rows.values(), j * rank * width, strongest.values().length);
          lost[j] = 1 - strongest.dot(strongest) / scaled.dot(scaled);
        });
    double worst = 0;
    for (double share : lost) {
      worst = Math.max(worst, share);
    }
    return new WordRows(names, rank, rows, worst);
  }

  /**
   * The strongest directions, {@code [at most rank, width]}: of few rows all eigenvectors of {@code
   * X X^T}, of many a few by subspace iteration, started from rows evenly apart.
   */
  private static Matrix strongest(Matrix x, int rank) {
    if (x.rows() <= rank) {
      return x;
    }
    Products products = new Products(Parallel.ALONE);
    Matrix gram = products.outerGram(x);
    if (x.rows() <= FEW) {
      SymmetricEigen all = SymmetricEigen.of(gram, Parallel.ALONE);
      return products.product(all.vectors().rows(x.rows() - rank, x.rows()), x);
    }
    int count = Math.min(x.rows(), rank + EXTRA);
    Matrix basis = Matrix.zeros(count, x.rows());
    for (int i = 0; i < count; i++) {
      basis.set(i, count == 1 ? 0 : i * (x.rows() - 1) / (count - 1), 1);
    }
    SymmetricEigen small = null;
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      Matrix moved = products.product(basis, gram);
      orthonormalise(moved);
      Matrix projected = products.productTransposed(products.product(moved, gram), moved);
      small = SymmetricEigen.of(projected, Parallel.ALONE);
      basis = products.product(small.vectors(), moved);
    }
    // the last rank rows belong to the largest eigenvalues; rows v^T X have their singular values
    return products.product(basis.rows(count - rank, count), x);
  }

  /** Modified Gram-Schmidt, twice; a row that vanishes stays zero. */
  static void orthonormalise(Matrix rows) {
    int width = rows.columns();
    double[] v = rows.values();
    for (int i = 0; i < rows.rows(); i++) {
      double before = norm(v, i * width, width);
      for (int pass = 0; pass < 2; pass++) {
        for (int p = 0; p < i; p++) {
          double along = 0;
          for (int j = 0; j < width; j++) {
            along += v[i * width + j] * v[p * width + j];
          }
          for (int j = 0; j < width; j++) {
            v[i * width + j] -= along * v[p * width + j];
          }
        }
      }
      double after = norm(v, i * width, width);
      double factor = after > 1e-12 * before ? 1 / after : 0;
      for (int j = 0; j < width; j++) {
        v[i * width + j] *= factor;
      }
    }
  }

  private static double norm(double[] v, int at, int count) {
    double sum = 0;
    for (int j = at; j < at + count; j++) {
      sum += v[j] * v[j];
    }
    return Math.sqrt(sum);
  }
}
