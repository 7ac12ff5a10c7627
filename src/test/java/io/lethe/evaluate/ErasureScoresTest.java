// The rates, on the examples of their definition.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.evaluate.Bootstrap.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErasureScoresTest {
  /** Labels A, A, B, B; first seen A, C, B, C; the label among the first five for rows 1 to 3. */
  @Test
  void toyExampleOfTheDefinition() {
    List<Integer> erased = List.of(1, 3);
    List<Integer> kept = List.of(1, 6);
    assertEquals(0.5, ErasureScores.esr(erased, 1));
    assertEquals(0, ErasureScores.esr(erased, 5));
    assertEquals(0.5, ErasureScores.psr(kept, 1));
    assertEquals(0.5, ErasureScores.psr(kept, 5));
    assertThrows(LetheException.class, () -> ErasureScores.esr(List.of(), 1));
  }

  @Test
  void normalisedBesideTheBase() {
    assertEquals(0.75, ErasureScores.normalisedEsr(0.8, 0.2), 1e-12);
    assertTrue(Double.isNaN(ErasureScores.normalisedEsr(1, 1)));
    assertEquals(0.5, ErasureScores.normalisedPsr(0.4, 0.8), 1e-12);
    assertTrue(Double.isNaN(ErasureScores.normalisedPsr(0, 0)));
  }

  @Test
  void rankingCountsTheBetterOnesAndTakesTheEarlierOfTwoAlike() {
    Ranking ranking = new Ranking(new float[] {0.1f, 0.5f, 0.5f, -0.2f, 0.3f, 0.2f}, 10);
    assertEquals(1, ranking.rankOf(1));
    assertEquals(2, ranking.rankOf(2));
    assertEquals(5, ranking.rankOf(0));
    assertEquals(6, ranking.rankOf(3));
    assertArrayEquals(new int[] {1, 2, 4, 5, 0}, ranking.top(5));
    assertEquals(6, ranking.top(9).length);
    double sum = 0;
    for (int label = 0; label < 6; label++) {
      sum += ranking.probability(label);
    }
    assertEquals(1, sum, 1e-12);
    assertEquals(Math.E, ranking.probability(0) / ranking.probability(4) * Math.exp(3), 1e-4);
    assertThrows(LetheException.class, () -> new Ranking(new float[] {Float.NaN}, 1));
  }

  @Test
  void bootstrapIsRepeatableAndNearTheNormalInterval() {
    int[] hits = new int[100];
    int[] totals = new int[100];
    for (int i = 0; i < 100; i++) {
      hits[i] = i % 4 == 0 ? 0 : 1;
      totals[i] = 1;
    }
    Interval interval = Bootstrap.ofRate(hits, totals);
    assertEquals(interval, Bootstrap.ofRate(hits, totals));
    double deviation = Math.sqrt(0.75 * 0.25 / 100);
    assertEquals(0.75 - 1.96 * deviation, interval.low(), 0.02);
    assertEquals(0.75 + 1.96 * deviation, interval.high(), 0.02);
  }

  @Test
  void bootstrapDrawsPromptsAndNotPictures() {
    int[] hits = {100, 0};
    int[] totals = {100, 100};
    assertEquals(new Interval(0, 1), Bootstrap.ofRate(hits, totals));
    assertEquals(new Interval(1, 1), Bootstrap.ofRate(new int[] {8, 8}, new int[] {8, 8}));
  }

  @Test
  void intervalOfAMean() {
    Interval interval = Bootstrap.ofMean(1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertTrue(interval.low() > 3 && interval.low() < 4, interval.toString());
    assertTrue(interval.high() > 6 && interval.high() < 7, interval.toString());
    assertThrows(LetheException.class, Bootstrap::ofMean);
  }

  @Test
  void percentilesInterpolate() {
    double[] sorted = {0, 10, 20, 30};
    assertEquals(0, Bootstrap.percentile(sorted, 0));
    assertEquals(15, Bootstrap.percentile(sorted, 0.5), 1e-12);
    assertEquals(30, Bootstrap.percentile(sorted, 1));
  }
}
