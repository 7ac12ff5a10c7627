// An edit that leaves alone what spans the preserved embeddings: SPEED's, of one projection.
package io.lethe.erase.closed;

import io.lethe.backend.Parallel;
import io.lethe.diffusion.TorchRandom;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;
import java.util.ArrayList;
import java.util.List;

/**
 * SPEED (Li et al. 2025), for one projection W of many.
 *
 * <pre>
 * T = mean c c^T     A = mean g c^T     E = W (A - T) (I + T)^-1
 * filter             keep x where ||E x|| is above its mean over all x
 * augment            x + s v,  s ~ N(0, 1),  v the direction that W passes on least;
 *                    keep where ||E (x + s v)|| is above its mean over a chunk
 * null space         P projects on the eigenvectors of R = mean x x^T under the threshold
 * weights            Q = P (P T P + rho I)^-1 P
 * invariants K       W' = W (I + (A - T) [Q - Q K (K^T Q K + slack I)^-1 K^T Q])
 * </pre>
 *
 * <p>None of these matrices is made. With {@code C} the concepts' rows and {@code Z} the part of C
 * in the null space, {@code (A - T) Q = (G - C)^T (rho I + Z Z^T)^-1 Z}: only matrices of as many
 * rows as there are concepts are solved with. The copies of one x differ along v alone, so that R
 * is made of one row for each x that was kept and one for v ({@link #spanning}), however many
 * copies there are; where these are fewer than an embedding has numbers, their Gram matrix gives
 * the eigenvectors.
 */
public final class NullSpaceEdit {
  /** Preserved rows whose copies share one mean. */
  private static final int CHUNK = 128;

  /** Invariants whose part in the null space is smaller than this are not moved anyway. */
  private static final double NEGLIGIBLE = 1e-12;

  /** Centres among the rows of the empty prompt. */
  private static final int CENTRES = 3;

  /**
   * What to map where.
   *
   * @param concepts {@code [k, width]}
   * @param guides {@code [k, width]}
   * @param texts over how many the means go; a text may have several rows
   */
  public record Targets(Matrix concepts, Matrix guides, int texts) {}

  /**
   * How.
   *
   * @param filter whether rows of little influence are left out of what is preserved
   * @param copies of each preserved row; 0 for no augmentation
   * @param threshold eigenvalue of R from which a direction is preserved
   * @param rho weight of changing nothing, above 0
   * @param slack how far the invariants may move; 0 for not at all
   */
  public record Settings(boolean filter, int copies, double threshold, double rho, double slack) {}

  /**
   * The edit of one projection.
   *
   * @param kept preserved rows after the filter
   * @param augmented copies after their own filter
   * @param directions how many directions are preserved
   */
  public record Layer(RightFactor factor, int kept, int augmented, int directions) {}

  private final Products products;
  private final Matrix preserved;
  private final Matrix invariants;
  private final Settings settings;
  private final Matrix concepts;
  private final Matrix moves;
  private final Matrix influence;
  private final Matrix influences;

  /**
   * @param preserved {@code [n, width]}
   * @param invariants {@code [q, width]}, see {@link #invariants}
   */
  public NullSpaceEdit(
      Products products, Targets targets, Matrix preserved, Matrix invariants, Settings settings) {
    this.products = products;
    this.preserved = preserved;
    this.invariants = invariants;
    this.settings = settings;
    double share = 1 / Math.sqrt(targets.texts());
    this.concepts = targets.concepts().times(share);
    this.moves = targets.guides().minus(targets.concepts()).times(share);
    // C (I + C^T C)^-1 = (I + C C^T)^-1 C
    this.influence = solveWith(concepts, 1, concepts);
    this.influences = products.productTransposed(preserved, influence);
  }

  /**
   * The start token and centres of all other rows of the empty prompt.
   *
   * @param start {@code [1, width]}
   * @param empty {@code [tokens - 1, width]}
   */
  public static Matrix invariants(Matrix start, Matrix empty) {
    return Matrix.stack(List.of(start, KMeans.centres(empty, CENTRES)), start.columns());
  }

  /**
   * The edit of this projection.
   *
   * @param weight {@code [outputs, width]}
   * @param normals draws the s of the copies: for each chunk, each copy, each row
   */
  public Layer solve(Matrix weight, TorchRandom normals) {
    Matrix images = products.productTransposed(moves, weight);
    Matrix metric = products.outerGram(images); // ||E x||^2 = y^T metric y with y = influence x
    List<Integer> kept = settings.filter() ? influential(metric) : all();
    List<Matrix> rows = new ArrayList<>();
    int augmented = spanning(weight, kept, metric, normals, rows);
    Matrix basis = preservedBasis(Matrix.stack(rows, preserved.columns()), kept.size() + augmented);
    return new Layer(factor(basis), kept.size(), augmented, basis.rows());
  }

  private List<Integer> all() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < preserved.rows(); i++) {
      all.add(i);
    }
    return all;
  }

  /** Rows with an influence above the mean. */
  private List<Integer> influential(Matrix metric) {
    double[] norms = new double[preserved.rows()];
    double sum = 0;
    for (int i = 0; i < norms.length; i++) {
      norms[i] = Math.sqrt(Math.max(0, form(metric, row(i), row(i))));
      sum += norms[i];
    }
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < norms.length; i++) {
      if (norms[i] > sum / norms.length) {
        kept.add(i);
      }
    }
    return kept.isEmpty() ? all() : kept; // all alike: none stands out
  }

  /** {@code influence x} of a preserved row. */
  private double[] row(int i) {
    return influences.rows(i, i + 1).values();
  }

  private static double form(Matrix metric, double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double inner = 0;
      for (int j = 0; j < b.length; j++) {
        inner += metric.get(i, j) * b[j];
      }
      sum += a[i] * inner;
    }
    return sum;
  }

  /**
   * Rows y with {@code sum y y^T} = the sum of outer products of all kept rows and copies. With n
   * the number of x and its kept copies, and S, Q the sums of their s and s^2: {@code sqrt(n) (x +
   * S/n v)} for each x, and {@code sqrt(sum Q - S^2/n) v}.
   *
   * @return how many copies were kept
   */
  private int spanning(
      Matrix weight, List<Integer> kept, Matrix metric, TorchRandom normals, List<Matrix> rows) {
    if (settings.copies() == 0) {
      kept.forEach(i -> rows.add(preserved.rows(i, i + 1)));
      return 0;
    }
    Matrix direction = SmallestDirection.of(weight, products);
    double[] along = products.productTransposed(direction, influence).values();
    double alongSquared = form(metric, along, along);
    double rest = 0;
    int augmented = 0;
    for (int from = 0; from < kept.size(); from += CHUNK) {
      int count = Math.min(CHUNK, kept.size() - from);
      float[] s = normals.randn(count * settings.copies());
      double[] norms = new double[s.length];
      double sum = 0;
      for (int i = 0; i < count; i++) {
        double[] y = row(kept.get(from + i));
        double own = form(metric, y, y);
        double mixed = form(metric, y, along);
        for (int copy = 0; copy < settings.copies(); copy++) {
          int at = copy * count + i;
          double squared = own + s[at] * (2 * mixed + s[at] * alongSquared);
          norms[at] = Math.sqrt(Math.max(0, squared));
          sum += norms[at];
        }
      }
      for (int i = 0; i < count; i++) {
        int n = 1;
        double total = 0;
        double squares = 0;
        for (int at = i; at < s.length; at += count) {
          if (norms[at] > sum / norms.length) {
            n++;
            total += s[at];
            squares += (double) s[at] * s[at];
          }
        }
        int index = kept.get(from + i);
        rows.add(
            preserved.rows(index, index + 1).combine(direction, total / n).times(Math.sqrt(n)));
        rest += squares - total * total / n;
        augmented += n - 1;
      }
    }
    rows.add(direction.times(Math.sqrt(Math.max(0, rest))));
    return augmented;
  }

  /** Orthonormal rows: the eigenvectors of {@code Y^T Y / count} from the threshold on. */
  private Matrix preservedBasis(Matrix rows, int count) {
    boolean thin = rows.rows() < rows.columns();
    Matrix gram = (thin ? products.outerGram(rows) : products.gram(rows)).times(1.0 / count);
    SymmetricEigen eigen = SymmetricEigen.of(gram, Parallel.ALONE);
    int first = 0;
    while (first < eigen.values().length && eigen.values()[first] < settings.threshold()) {
      first++;
    }
    Matrix vectors = eigen.vectors().rows(first, eigen.values().length);
    if (!thin) {
      return vectors;
    }
    double[] lengths = new double[vectors.rows()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = 1 / Math.sqrt(eigen.values()[first + i] * count);
    }
    return products.product(vectors, rows).scaleRows(lengths);
  }

  /** What is left of rows in the null space. */
  private Matrix remainder(Matrix rows, Matrix basis) {
    Matrix along = products.productTransposed(rows, basis);
    return rows.minus(products.product(along, basis));
  }

  /** {@code (A - T) [Q - Q K (K^T Q K + slack I)^-1 K^T Q]}: moves on the left. */
  private RightFactor factor(Matrix basis) {
    Matrix free = remainder(concepts, basis); // Z
    Matrix right = solveWith(free, settings.rho(), free); // C Q
    Matrix fixed = remainder(invariants, basis);
    // Q = (P - Z^T (rho I + Z Z^T)^-1 Z) / rho
    Matrix weighted =
        fixed
            .minus(products.product(products.productTransposed(fixed, free), right))
            .times(1 / settings.rho()); // K Q
    Matrix square = products.productTransposed(weighted, fixed); // K Q K^T
    Matrix toFixed = products.productTransposed(right, fixed); // C Q K^T
    Matrix correction = products.product(products.product(toFixed, inverse(square)), weighted);
    return new RightFactor(moves, right.minus(correction));
  }

  /** {@code (rho I + Z Z^T)^-1 B}. */
  private Matrix solveWith(Matrix z, double rho, Matrix b) {
    Matrix square = products.outerGram(z);
    square.addToDiagonal(rho);
    return Cholesky.of(square, products).solve(b);
  }

  /** {@code (K Q K^T + slack I)^-1}; without slack on what can move at all. */
  private Matrix inverse(Matrix square) {
    SymmetricEigen eigen = SymmetricEigen.of(square, Parallel.ALONE);
    double least = NEGLIGIBLE * invariants.dot(invariants) / settings.rho();
    double[] factors = new double[square.rows()];
    for (int i = 0; i < factors.length; i++) {
      double value = eigen.values()[i];
      factors[i] = settings.slack() > 0 || value > least ? 1 / (value + settings.slack()) : 0;
    }
    return products.transposedProduct(eigen.vectors(), eigen.vectors().scaleRows(factors));
  }
}
