// The Gumbel-softmax search: what it draws, and its straight-through gradient.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.diffusion.TorchRandom;
import io.lethe.weightstools.SyntheticWeights;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class AdversarialSearchTest {
  private static final double[] LOGITS = {0.5, -1, 2, 0, 1.2};

  /** A search at these logits, nothing learnt yet. */
  private static AdversarialSearch search(double tau, double learningRate, double... logits) {
    AdversarialSearch search = new AdversarialSearch(logits.length, tau, learningRate);
    TrainingState state = new TrainingState();
    state.putDoubles("s.logits", logits);
    state.putDoubles("s.m", new double[logits.length]);
    state.putDoubles("s.v", new double[logits.length]);
    state.putLongs("s.steps", 0);
    search.load("s", state);
    return search;
  }

  private static double[] softmax(double... logits) {
    double[] values = Arrays.stream(logits).map(Math::exp).toArray();
    double sum = Arrays.stream(values).sum();
    return Arrays.stream(values).map(value -> value / sum).toArray();
  }

  @Test
  void everyWordIsAsLikelyAtFirst() {
    double[] probabilities = new AdversarialSearch(24, 2, 1e-2).probabilities();
    for (double probability : probabilities) {
      assertEquals(1.0 / 24, probability, 1e-15);
    }
  }

  /** Chi-squared with 4 degrees of freedom stays under 18.5 in 999 of 1,000 cases. */
  @Test
  void drawsFollowTheSoftmaxOfTheLogitsWhateverTauIs() {
    double[] expected = softmax(LOGITS);
    int draws = 20_000;
    for (double tau : new double[] {2, 0.1}) {
      AdversarialSearch search = search(tau, 1e-2, LOGITS);
      assertArrayEquals(expected, search.probabilities(), 1e-12);
      TorchRandom random = new TorchRandom(11);
      int[] counts = new int[LOGITS.length];
      for (int i = 0; i < draws; i++) {
        counts[search.draw(random).index()]++;
      }
      double chiSquared = 0;
      for (int i = 0; i < counts.length; i++) {
        double mean = draws * expected[i];
        chiSquared += (counts[i] - mean) * (counts[i] - mean) / mean;
      }
      assertTrue(chiSquared < 18.5, "tau " + tau + ": " + Arrays.toString(counts));
    }
  }

  @Test
  void tauMovesTheGradientAndNotTheChoice() {
    AdversarialSearch warm = search(2, 1e-2, LOGITS);
    AdversarialSearch cold = search(0.3, 1e-2, LOGITS);
    TorchRandom one = new TorchRandom(5);
    TorchRandom other = new TorchRandom(5);
    for (int i = 0; i < 100; i++) {
      assertEquals(warm.draw(one).index(), cold.draw(other).index());
    }
  }

  @Test
  void theSoftPartIsTheSoftmaxOfTheNoisyLogits() {
    double[] gumbel = {0.3, 1.5, -0.7, 2.2, 0};
    AdversarialSearch.Draw draw = search(2, 1e-2, LOGITS).draw(gumbel);
    double[] noisy = new double[LOGITS.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = (LOGITS[i] + gumbel[i]) / 2;
    }
    assertArrayEquals(softmax(noisy), draw.soft(), 1e-12);
    assertEquals(3, draw.index(), "the largest of 0.8, 0.5, 1.3, 2.2, 1.2");
  }

  /** Backward is that of {@code <dL/dc, softmax((pi + g) / tau) R>}, by finite differences. */
  @Test
  void theGradientIsStraightThrough() {
    int size = 7;
    float[][] contexts = new float[LOGITS.length][];
    for (int i = 0; i < contexts.length; i++) {
      contexts[i] = SyntheticWeights.signal("search.context" + i, size);
    }
    float[] gradientOfContext = SyntheticWeights.signal("search.gradient", size);
    double[] gumbel = {0.3, 1.5, -0.7, 2.2, 0};
    for (double tau : new double[] {2, 0.5}) {
      AdversarialSearch search = search(tau, 1e-2, LOGITS);
      double[] actual = search.gradient(search.draw(gumbel), gradientOfContext, contexts);
      double step = 1e-5;
      for (int i = 0; i < actual.length; i++) {
        double[] up = LOGITS.clone();
        double[] down = LOGITS.clone();
        up[i] += step;
        down[i] -= step;
        double expected =
            (relaxed(up, gumbel, tau, gradientOfContext, contexts)
                    - relaxed(down, gumbel, tau, gradientOfContext, contexts))
                / (2 * step);
        assertEquals(expected, actual[i], 1e-8, "tau " + tau + " word " + i);
      }
      assertEquals(0, Arrays.stream(actual).sum(), 1e-12, "a softmax ignores a common shift");
    }
  }

  private static double relaxed(
      double[] logits, double[] gumbel, double tau, float[] gradient, float[][] contexts) {
    double[] noisy = new double[logits.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = (logits[i] + gumbel[i]) / tau;
    }
    double[] soft = softmax(noisy);
    double sum = 0;
    for (int i = 0; i < soft.length; i++) {
      for (int j = 0; j < gradient.length; j++) {
        sum += soft[i] * contexts[i][j] * gradient[j];
      }
    }
    return sum;
  }

  @Test
  void aStepIsAdamsAndGoesDownTheGradient() {
    AdversarialSearch search = search(2, 0.1, LOGITS);
    double[] gradient = {3, -2, 0, 1e-3, -50};
    search.step(gradient);
    // Adam's first step is lr * sign(g), up to eps.
    double[] moved = LOGITS.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] -= 0.1 * gradient[i] / (Math.abs(gradient[i]) + 1e-8);
    }
    assertArrayEquals(softmax(moved), search.probabilities(), 1e-12);
  }

  @Test
  void aRestoredSearchGoesOnAlike() {
    AdversarialSearch whole = search(2, 0.1, LOGITS);
    whole.step(new double[] {1, 2, 3, 4, 5});
    TrainingState state = new TrainingState();
    whole.save("x", state);
    AdversarialSearch restored = new AdversarialSearch(LOGITS.length, 2, 0.1);
    restored.load("x", state);
    whole.step(new double[] {-1, 1, -1, 1, -1});
    restored.step(new double[] {-1, 1, -1, 1, -1});
    assertArrayEquals(whole.probabilities(), restored.probabilities());
  }
}
