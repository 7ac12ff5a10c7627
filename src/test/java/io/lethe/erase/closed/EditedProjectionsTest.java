// Edited projections are W (I + M), rounded to float once, and their effect is the same either way.
package io.lethe.erase.closed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.Parallel;
import io.lethe.erase.dense.DenseTest;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EditedProjectionsTest {
  private static final int WIDTH = 30;

  /** One chunk of rows, several, and one that is not whole. */
  private static final List<Integer> OUTPUTS = List.of(1, 21, 32, 33, 70);

  private final Products products = new Products(Parallel.ALONE);

  private static RightFactor factor(int pairs) {
    return new RightFactor(
        DenseTest.random(pairs, WIDTH, 5).times(0.3), DenseTest.random(pairs, WIDTH, 6));
  }

  /** By rows up to eight pairs, by packed products from nine on. */
  @Test
  void weightsAreRoundedOnce() {
    for (int outputs : OUTPUTS) {
      Projections projections = RandomProjections.of(WIDTH, outputs);
      for (int pairs : List.of(0, 1, 2, 8, 9, WIDTH)) {
        RightFactor factor = factor(pairs);
        CrossAttentionEdit edit = CrossAttentionEdit.shared(factor, projections.names());
        Map<String, float[]> edited = new EditedProjections(projections, edit).weights();
        for (Projections.Projection projection : projections.list()) {
          Matrix w = projections.read(projection);
          Matrix expected = w.plus(products.product(w, factor.matrix(products)));
          float[] actual = edited.get(projection.name());
          assertEquals(expected.values().length, actual.length);
          for (int i = 0; i < actual.length; i++) {
            double error = Math.abs(actual[i] - expected.values()[i]);
            double bound = Math.ulp(actual[i]) * 0.5000001 + 1e-13;
            assertTrue(
                error <= bound,
                pairs + " pairs, number " + i + ": " + actual[i] + " for " + expected.values()[i]);
          }
        }
      }
    }
  }

  @Test
  void whatAnEditLeavesAloneHasNoWeight() {
    Projections projections = RandomProjections.of(WIDTH, 21);
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    factors.put(projections.names().get(2), factor(2));
    EditedProjections edited = new EditedProjections(projections, new CrossAttentionEdit(factors));
    assertEquals(List.of(projections.names().get(2)), List.copyOf(edited.weights().keySet()));
  }

  /** Through S where it is known, through the images of the factor where not. */
  @Test
  void effectIsTheSameWithAndWithoutS() {
    for (int pairs : List.of(1, 8, 9, WIDTH)) {
      Matrix x = DenseTest.random(7, WIDTH, 3);
      Projections fresh = RandomProjections.of(WIDTH, 33);
      CrossAttentionEdit edit = CrossAttentionEdit.shared(factor(pairs), fresh.names());
      double[] images = new EditedProjections(fresh, edit).effect().changes(x);
      Projections known = RandomProjections.of(WIDTH, 33);
      known.gram();
      double[] throughS = new EditedProjections(known, edit).effect().changes(x);
      double scale = java.util.Arrays.stream(images).max().orElseThrow();
      assertArrayEquals(images, throughS, 1e-12 * scale, pairs + " pairs");
    }
  }
}
