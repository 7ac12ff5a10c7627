// The oblique projection that takes a concept out of the reach of every single embedding.
package io.lethe.erase.closed;

import io.lethe.LetheException;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.LeadingEigen;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;

/**
 * With {@code S = L L^T} and {@code z = L^T x}, energies are plain squares: {@code x^T S x =
 * ||z||^2}. For orthonormal rows F {@code [r, width]},
 *
 * <pre>
 * Pi = L^-T (I - F^T F) L^T
 * min over all x of ||W c - W Pi x||^2 = ||F z_c||^2          what no embedding can bring back
 * damage of Pi to x                    = ||F z_x||^2          over the word's energy
 * </pre>
 *
 * F are the eigenvectors with a positive eigenvalue of {@code N = Z_C^T Z_C - mu sum_j w_j Z_j^T
 * Z_j}, taken in the space orthogonal to what is to be preserved exactly: directions that carry
 * more of the concept than mu times what they carry of the other words.
 */
public final class ReachProjection {
  /** Directions of embeddings below this share of the strongest are rounding. */
  private static final double NEGLIGIBLE = 1e-10;

  /**
   * A projection.
   *
   * @param factor {@code Pi - I}
   * @param directions F, {@code [r, width]}
   * @param meanDamage {@code sum_j w_j ||F Z_j||^2}, with the weights summing to 1
   */
  public record Result(RightFactor factor, Matrix directions, double mu, double meanDamage) {
    public int rank() {
      return directions.rows();
    }
  }

  private final Projections projections;
  private final Products products;
  private final Cholesky root;
  private final Matrix concept;
  private final Matrix others;
  private final Matrix exact;

  /**
   * @param metric what embeddings are measured by: S, or {@link Projections#metric}
   * @param concepts rows to take out of reach, {@code [k, width]}
   * @param words scaled as {@link WordRows} does
   * @param weights w of each word, summing to 1
   * @param preserved rows that must not change at all, {@code [p, width]}
   */
  public ReachProjection(
      Projections projections,
      Matrix metric,
      Matrix concepts,
      WordRows words,
      double[] weights,
      Matrix preserved) {
    this.projections = projections;
    this.products = projections.products();
    this.root = Cholesky.of(metric, products);
    Matrix z = images(concepts);
    this.concept = products.gram(z.times(1 / z.norm()));
    double[] byRow = new double[words.rows().rows()];
    for (int i = 0; i < byRow.length; i++) {
      byRow[i] = weights[i / words.rank()];
    }
    Matrix sum = Matrix.zeros(projections.width(), projections.width());
    products.addWeightedGram(images(words.rows()), byRow, sum);
    this.others = sum;
    this.exact = basis(images(preserved));
  }

  /** {@code z = L^T x} for rows. */
  private Matrix images(Matrix rows) {
    return products.product(rows, root.lower());
  }

  /** An orthonormal basis of the rows' span. */
  private Matrix basis(Matrix rows) {
    SymmetricEigen eigen = SymmetricEigen.of(products.outerGram(rows), projections.threads());
    int count = eigen.values().length;
    int first = 0;
    while (first < count && !(eigen.values()[first] > NEGLIGIBLE * eigen.values()[count - 1])) {
      first++;
    }
    double[] scales = new double[count - first];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = 1 / Math.sqrt(eigen.values()[first + i]);
    }
    return products.product(eigen.vectors().rows(first, count).scaleRows(scales), rows);
  }

  /** The directions at one mu. */
  public Result at(double mu) {
    Matrix n = withoutExact(concept.combine(others, -mu));
    Matrix f = LeadingEigen.of(n, 1e-9, projections.threads()).vectors();
    double damage = products.product(f, others).dot(f);
    // Pi - I = -(L^-T F^T)(F L^T): left rows are -F L^-1, right rows F L^T
    Matrix left = root.backward(f.transpose()).transpose().times(-1);
    Matrix right = products.productTransposed(f, root.lower());
    return new Result(new RightFactor(left, right), f, mu, damage);
  }

  /** {@code (I - Q^T Q) N (I - Q^T Q)}, with Q the basis of what stays exactly. */
  private Matrix withoutExact(Matrix n) {
    Matrix once = n.minus(products.product(products.productTransposed(n, exact), exact));
    Matrix twice = once.transpose();
    return twice.minus(products.product(products.productTransposed(twice, exact), exact));
  }

  /** The least mu whose damage, averaged with the weights, stays within the limit. */
  public Result within(double meanDamage) {
    if (!(meanDamage > 0)) {
      throw new LetheException("no projection does " + meanDamage + " damage");
    }
    double low = Math.log(1e-3);
    double high = Math.log(1e4);
    Result best = at(Math.exp(high));
    for (int round = 0; round < 10; round++) {
      double middle = (low + high) / 2;
      Result trial = at(Math.exp(middle));
      if (trial.meanDamage() <= meanDamage) {
        best = trial;
        high = middle;
        if (trial.meanDamage() > 0.97 * meanDamage) {
          break;
        }
      } else {
        low = middle;
      }
    }
    return best;
  }
}
