// The bound of the reach edit holds, and is what no embedding gets below.
package io.lethe.erase.closed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.Parallel;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.DenseTest;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReachTest {
  private static final int WIDTH = 36;

  private final Projections projections = RandomProjections.of(WIDTH, 41);
  private final Products products = projections.products();
  private final Matrix concepts = DenseTest.random(4, WIDTH, 1);
  private final Matrix preserved = DenseTest.random(3, WIDTH, 2);
  private final double[] weights = new double[30];
  private final WordRows words;

  ReachTest() {
    List<String> names = new ArrayList<>();
    List<Matrix> embeddings = new ArrayList<>();
    double[] energies = new double[weights.length];
    for (int j = 0; j < weights.length; j++) {
      names.add("word " + j);
      embeddings.add(DenseTest.random(2, WIDTH, 50L + j));
      energies[j] = projections.energy(embeddings.get(j));
    }
    Arrays.fill(weights, 1.0 / weights.length);
    words = WordRows.of(names, embeddings, energies, 2, Parallel.ALONE);
  }

  private ReachProjection projection() {
    return new ReachProjection(
        projections, projections.gram(), concepts, words, weights, preserved);
  }

  private CrossAttentionEdit edit(RightFactor factor) {
    return CrossAttentionEdit.shared(factor, projections.names());
  }

  @Test
  void theBoundIsTheEnergyAlongTheDirectionsTakenAway() {
    ReachProjection.Result result = projection().at(3);
    assertTrue(result.rank() > 0 && result.rank() <= 4);
    RightFactor factor = result.factor();
    // Pi is a projection
    DenseTest.assertNear(
        factor.whole(products),
        products.product(factor.whole(products), factor.whole(products)),
        1e-10);
    Matrix z = products.product(concepts, Cholesky.of(projections.gram(), products).lower());
    Matrix along = products.productTransposed(z, result.directions());
    double[] distances =
        new ReachBound(projections, new EditedProjections(projections, edit(factor)).weights())
            .distances(concepts);
    for (int i = 0; i < distances.length; i++) {
      double expected = along.rows(i, i + 1).dot(along.rows(i, i + 1));
      assertEquals(expected, distances[i], 1e-5 * projections.energies(concepts)[i]);
    }
  }

  @Test
  void aProjectionMayLoseDirectionsByItsOwnMeasure() {
    for (Projections.Projection one : projections.list()) {
      Matrix metric = projections.metric(one, 0.9);
      assertEquals(projections.gram().trace(), metric.trace(), 1e-9 * metric.trace());
      ReachProjection.Result result =
          new ReachProjection(projections, metric, concepts, words, weights, preserved).at(3);
      assertTrue(result.rank() > 0 && result.rank() <= 4);
      Matrix p = result.factor().whole(products);
      DenseTest.assertNear(p, products.product(p, p), 1e-10);
      // orthogonal by that measure: Pi^T G (I - Pi) = 0, so no other edit that takes as much away
      // does less damage
      Matrix image = products.transposedProduct(p, metric);
      DenseTest.assertNear(image, products.product(image, p), 1e-10);
    }
  }

  @Test
  void noEmbeddingComesNearer() {
    RightFactor factor = projection().at(3).factor();
    double bound =
        new ReachBound(projections, new EditedProjections(projections, edit(factor)).weights())
            .distances(concepts)[0];
    // descend on ||W c - W P x||^2 from several starts
    Matrix p = factor.whole(products);
    Matrix energy = products.product(projections.gram(), p);
    Matrix system = products.transposedProduct(p, energy);
    double step = 1 / system.trace();
    Matrix c = concepts.rows(0, 1);
    for (int seed = 0; seed < 3; seed++) {
      Matrix x = DenseTest.random(1, WIDTH, 900L + seed);
      double distance = 0;
      for (int round = 0; round < 3000; round++) {
        Matrix missing = products.product(c, energy).minus(products.product(x, system));
        x = x.combine(missing, step);
      }
      distance = projections.energy(c.minus(products.productTransposed(x, p)));
      assertTrue(distance >= bound * (1 - 1e-6), distance + " < " + bound);
      assertTrue(distance <= bound * 1.2, "the descent came nowhere: " + distance);
    }
  }

  @Test
  void whatIsPreservedStaysAndTheDamageIsWhatItSays() {
    ReachProjection.Result result = projection().at(3);
    EditEffect effect = new EditedProjections(projections, edit(result.factor())).effect();
    double energy = projections.energy(preserved);
    assertTrue(Arrays.stream(effect.changes(preserved)).sum() < 1e-18 * energy);
    double damage = 0;
    for (int j = 0; j < weights.length; j++) {
      damage +=
          weights[j] * Arrays.stream(effect.changes(words.rows().rows(2 * j, 2 * j + 2))).sum();
    }
    assertEquals(damage, result.meanDamage(), 1e-9);
    ReachProjection.Result less = projection().within(damage / 3);
    assertTrue(less.meanDamage() <= damage / 3);
    assertTrue(less.mu() > result.mu());
  }

  @Test
  void regularEditsBoundNothing() {
    RightFactor regular =
        new RightFactor(DenseTest.random(2, WIDTH, 7).times(0.1), DenseTest.random(2, WIDTH, 8));
    double[] distances =
        new ReachBound(projections, new EditedProjections(projections, edit(regular)).weights())
            .distances(concepts);
    for (int i = 0; i < distances.length; i++) {
      assertTrue(distances[i] <= 1e-9 * projections.energies(concepts)[i]);
    }
  }
}
