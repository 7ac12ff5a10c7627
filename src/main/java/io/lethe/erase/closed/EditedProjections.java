// An edit folded into the projections: their new weights, and the images that its effect is read
// from.
package io.lethe.erase.closed;

import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code W_l (I + M_l) = W_l + (W_l left_l^T) right_l} of every projection that the edit touches,
 * in double and rounded to float once. Each is read from its file a single time: {@code W_l
 * left_l^T} is kept, since {@link EditEffect} is made of it.
 */
public final class EditedProjections {
  private final Projections projections;
  private final CrossAttentionEdit edit;
  private final Map<String, float[]> weights = new LinkedHashMap<>();
  private final Map<String, Matrix> imagesOfLeft = new LinkedHashMap<>();

  public EditedProjections(Projections projections, CrossAttentionEdit edit) {
    this.projections = projections;
    this.edit = edit;
    Matrix memory = Matrix.zeros(0, projections.width());
    for (Projections.Projection projection : projections.list()) {
      RightFactor factor = edit.factor(projection.name()).orElse(null);
      if (factor == null) {
        continue;
      }
      int outputs = projection.outputs();
      float[] weight = new float[Math.multiplyExact(outputs, projections.width())];
      if (factor.pairs() <= Projections.FEW_ROWS) {
        imagesOfLeft.put(projection.name(), byRows(projection, factor, weight));
      } else {
        memory = memory.rows() == outputs ? memory : Matrix.zeros(outputs, projections.width());
        imagesOfLeft.put(projection.name(), byProducts(projection, factor, memory, weight));
      }
      weights.put(projection.name(), weight);
    }
  }

  /**
   * {@code W_l (I + M_l)} by checkpoint name, row-major; nothing for what the edit leaves alone.
   */
  public Map<String, float[]> weights() {
    return weights;
  }

  /** What the edit does to embeddings. */
  public EditEffect effect() {
    return new EditEffect(projections, edit, imagesOfLeft);
  }

  /**
   * Few pairs: row by row, without packing anything.
   *
   * @return the images {@code W_l left_l^T}
   */
  private Matrix byRows(Projections.Projection projection, RightFactor factor, float[] weight) {
    int width = projections.width();
    int pairs = factor.pairs();
    double[] left = factor.left().values();
    double[] right = factor.right().values();
    Matrix images = Matrix.zeros(projection.outputs(), pairs);
    projections.chunks(
        projection.outputs(),
        (from, count) -> {
          float[] rows = projection.read(from, count);
          double[] change = new double[width];
          for (int r = 0; r < count; r++) {
            Arrays.fill(change, 0);
            for (int i = 0; i < pairs; i++) {
              double image = WideSums.dot(rows, r * width, left, i * width, width);
              images.set(from + r, i, image);
              WideSums.addScaled(image, right, i * width, change);
            }
            WideSums.round(rows, r * width, change, weight, (from + r) * width);
          }
        });
    return images;
  }

  /**
   * Many pairs: by products.
   *
   * @param memory for the projection in double
   * @return the images {@code W_l left_l^T}
   */
  private Matrix byProducts(
      Projections.Projection projection, RightFactor factor, Matrix memory, float[] weight) {
    Products products = projections.products();
    projections.read(projection, 1, memory, 0);
    Matrix images = products.productTransposed(memory, factor.left());
    products.addProduct(images, false, factor.right(), false, memory);
    int width = projections.width();
    projections.chunks(
        projection.outputs(),
        (from, count) -> {
          for (int i = from * width; i < (from + count) * width; i++) {
            weight[i] = (float) memory.values()[i];
          }
        });
    return images;
  }
}
