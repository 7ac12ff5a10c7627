// The game between edit and words ends where neither side gains.
package io.lethe.erase.closed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.Parallel;
import io.lethe.erase.closed.ClosedFormEditor.Problem;
import io.lethe.erase.dense.DenseTest;
import io.lethe.erase.dense.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorstWordsTest {
  private static final int WIDTH = 40;
  private static final int WORDS = 60;
  private static final double LAMBDA = 0.01;

  private final Projections projections = RandomProjections.of(WIDTH, 50);
  private final Matrix concepts = DenseTest.random(3, WIDTH, 1);
  private final Matrix moves = DenseTest.random(3, WIDTH, 2);
  private final List<Matrix> embeddings = new ArrayList<>();
  private final WordRows words;

  WorstWordsTest() {
    List<String> names = new ArrayList<>();
    double[] energies = new double[WORDS];
    for (int j = 0; j < WORDS; j++) {
      names.add("word " + j);
      Matrix rows = DenseTest.random(2, WIDTH, 100L + j);
      if (j % 6 == 0) { // some words lie near the concept
        rows = rows.combine(concepts.rows(0, 2), 2);
      }
      embeddings.add(rows);
      energies[j] = projections.energy(rows);
    }
    words = WordRows.of(names, embeddings, energies, 2, Parallel.ALONE);
  }

  @Test
  void theGapCloses() {
    WorstWords game = new WorstWords(projections, concepts, moves, words);
    WorstWords.Outcome outcome = game.play(new WorstWords.Settings(5, LAMBDA, 0.001, 2000));
    assertTrue(outcome.gap() <= 0.001, () -> "gap " + outcome.gap());
    assertEquals(5, Arrays.stream(outcome.weights()).sum(), 1e-9);
    WorstWords.Outcome uniform = game.uniformAt(outcome.mappingError(), LAMBDA);
    assertEquals(outcome.mappingError(), uniform.mappingError(), 2e-3 * outcome.mappingError());
    assertTrue(outcome.worst() < 0.8 * uniform.worst());
    // no other edit does better than the dual value says: none of many random spreads of weights
    double value = value(outcome);
    for (int seed = 0; seed < 20; seed++) {
      double[] b = DenseTest.random(1, WORDS, 1000L + seed).values().clone();
      double sum = 0;
      for (int j = 0; j < WORDS; j++) {
        b[j] = Math.exp(3 * b[j]);
        sum += b[j];
      }
      for (int j = 0; j < WORDS; j++) {
        b[j] *= 5 / sum;
      }
      assertTrue(value(edit(b)) >= value * (1 - 0.001));
    }
  }

  /** {@code f + tau max d}, from first principles. */
  private double value(RightFactor factor) {
    CrossAttentionEdit edit = CrossAttentionEdit.shared(factor, projections.names());
    EditEffect effect = new EditedProjections(projections, edit).effect();
    double worst = 0;
    for (Matrix rows : embeddings) {
      double damage = Arrays.stream(effect.changes(rows)).sum() / projections.energy(rows);
      worst = Math.max(worst, damage);
    }
    Matrix m = factor.matrix(projections.products()).transpose();
    double lambda = LAMBDA * projections.energy(m);
    return effect.mappingError(concepts, name -> moves) + lambda + 5 * worst;
  }

  private double value(WorstWords.Outcome outcome) {
    return value(outcome.factor());
  }

  /** The editor's own solution for these weights. */
  private RightFactor edit(double[] b) {
    double energy = projections.energy(moves);
    double[] byRow = new double[2 * WORDS];
    Arrays.setAll(byRow, i -> b[i / 2]);
    double[] a = new double[3];
    Arrays.fill(a, 1 / energy);
    Problem problem = new Problem(concepts, concepts.plus(moves), a, words.rows(), byRow, LAMBDA);
    return new ClosedFormEditor(projections.products()).solve(problem).factor();
  }

  @Test
  void damagesAreThoseOfTheEditAndTheGradientOfTheDual() {
    WorstWords game = new WorstWords(projections, concepts, moves, words);
    WorstWords.Outcome uniform = game.uniform(4, LAMBDA);
    double[] b = new double[WORDS];
    Arrays.fill(b, 4.0 / WORDS);
    DenseTest.assertNear(
        edit(b).matrix(projections.products()),
        uniform.factor().matrix(projections.products()),
        1e-9);
    CrossAttentionEdit edit = CrossAttentionEdit.shared(uniform.factor(), projections.names());
    EditEffect effect = new EditedProjections(projections, edit).effect();
    for (int j = 0; j < WORDS; j += 7) {
      Matrix rows = embeddings.get(j);
      double damage = Arrays.stream(effect.changes(rows)).sum() / projections.energy(rows);
      assertEquals(damage, uniform.damages()[j], 1e-9);
    }
    assertEquals(effect.mappingError(concepts, name -> moves), uniform.mappingError(), 1e-9);
  }

  /** A background is what one more word of fixed weight would be, with none of the game's. */
  @Test
  void aBackgroundCountsAsAWordThatDoesNotPlay() {
    Matrix background = projections.products().gram(DenseTest.random(5, WIDTH, 77)).times(0.3);
    WorstWords game = new WorstWords(projections, concepts, moves, words, background);
    WorstWords.Outcome uniform = game.uniform(4, LAMBDA);
    double energy = projections.energy(moves);
    double[] more = new double[2 * WORDS + 5];
    Arrays.fill(more, 4.0 / WORDS);
    Arrays.fill(more, 2 * WORDS, more.length, 0.3);
    Matrix rows = Matrix.stack(List.of(words.rows(), DenseTest.random(5, WIDTH, 77)), WIDTH);
    double[] a = new double[3];
    Arrays.fill(a, 1 / energy);
    Problem problem = new Problem(concepts, concepts.plus(moves), a, rows, more, LAMBDA);
    DenseTest.assertNear(
        new ClosedFormEditor(projections.products())
            .solve(problem)
            .factor()
            .matrix(projections.products()),
        uniform.factor().matrix(projections.products()),
        1e-9);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 60})
  void compressionKeepsTheStrongestDirections(int count) {
    // rank 3 exactly
    Matrix rows =
        projections
            .products()
            .product(DenseTest.random(count, 3, 5), DenseTest.random(3, WIDTH, 6));
    WordRows exact = WordRows.of(List.of("w"), List.of(rows), new double[] {4}, 3, Parallel.ALONE);
    assertTrue(exact.lost() < 1e-12);
    DenseTest.assertNear(
        projections.products().gram(rows).times(0.25),
        projections.products().gram(exact.rows()),
        1e-10);
    WordRows less = WordRows.of(List.of("w"), List.of(rows), new double[] {4}, 2, Parallel.ALONE);
    assertTrue(less.lost() > 0.001 && less.lost() < 0.5);
  }
}
