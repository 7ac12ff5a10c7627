// How near any single embedding can bring the edited projections to what the concept was.
package io.lethe.erase.closed;

import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;
import io.lethe.tensor.DType;
import io.lethe.weights.Rounding;
import java.util.Map;

/**
 * {@code min over x of sum_l ||W_l c - W_l' x||^2 = c^T S c - r^T G^-1 r} with {@code G = sum_l
 * W_l'^T W_l'} and {@code r = sum_l W_l'^T W_l c}, computed from the edited weights as they are
 * stored: rounding to F16 leaves a little of a direction that the edit took away, which very long
 * embeddings could use. What is left by rounding to F32, for embeddings a million times longer than
 * any text's, is not counted.
 *
 * <p>It is a bound on one embedding's stacked keys and values and no more; {@link #LIMITS} stand
 * beside the number wherever it is shown.
 */
public final class ReachBound {
  /** What the number does not cover. */
  public static final String LIMITS =
      "a bound on one embedding's stacked keys and values over all layers; it does not cover a"
          + " single narrow layer taken alone, mixtures that attention makes of several tokens,"
          + " paraphrases inside the space that is kept, fine-tuning, adapters or other latents,"
          + " and it does not predict the success of textual inversion: run that attack too";

  private static final double NEGLIGIBLE = 1e-13;

  private final Projections projections;
  private final Products products;
  private final Matrix cross;
  private final SymmetricEigen reachable;

  /**
   * @param edited the edited weights by name, before they are stored
   */
  public ReachBound(Projections projections, Map<String, float[]> edited) {
    this.projections = projections;
    this.products = projections.products();
    int width = projections.width();
    Matrix gram = Matrix.zeros(width, width);
    this.cross = Matrix.zeros(width, width);
    for (int l = 0; l < projections.list().size(); l++) {
      Projections.Projection projection = projections.list().get(l);
      Matrix before = projections.read(projection);
      float[] values = edited.get(projection.name());
      Matrix after =
          values == null ? before : stored(values, before.rows(), projection.weight().dtype());
      double scale = Math.sqrt(projections.scale(l));
      after = scale == 1 ? after : after.times(scale);
      before = scale == 1 ? before : before.times(scale);
      products.addGram(after, gram);
      products.addProduct(after, true, before, false, cross);
    }
    this.reachable = SymmetricEigen.of(gram, projections.threads());
  }

  private Matrix stored(float[] values, int rows, DType type) {
    float[] rounded = values.clone();
    if (type == DType.F16 || type == DType.BF16) {
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = Rounding.round(rounded[i], type);
      }
    }
    return Matrix.of(rows, projections.width(), rounded);
  }

  /** The squared distance that remains, of every row c. */
  public double[] distances(Matrix rows) {
    double[] energies = projections.energies(rows);
    Matrix wanted = products.productTransposed(rows, cross);
    Matrix along = products.productTransposed(wanted, reachable.vectors());
    double largest = reachable.values()[reachable.values().length - 1];
    double[] distances = new double[energies.length];
    for (int i = 0; i < distances.length; i++) {
      double reached = 0;
      for (int j = 0; j < along.columns(); j++) {
        double value = reachable.values()[j];
        if (value > NEGLIGIBLE * largest) {
          reached += along.get(i, j) * along.get(i, j) / value;
        }
      }
      distances[i] = Math.max(0, energies[i] - reached);
    }
    return distances;
  }
}
