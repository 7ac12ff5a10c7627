// How often a concept was seen.
package io.lethe.attack;

import io.lethe.evaluate.Bootstrap.Interval;
import io.lethe.evaluate.ExactInterval;
import java.util.List;

/**
 * Pictures in which the judge names the concept first.
 *
 * @param successes not whole for a mean over restarts
 * @param interval 95 %, exact for a binomial
 */
public record SuccessRate(double successes, int pictures, Interval interval) {
  private static final double CONFIDENCE = 0.95;

  /** The rate of one set of pictures, each with a seed of its own. */
  static SuccessRate of(int successes, int pictures) {
    return new SuccessRate(successes, pictures, ExactInterval.of(successes, pictures, CONFIDENCE));
  }

  /**
   * The best of several. Whoever tries often is lucky in the end, so its interval is wide enough to
   * hold all of theirs at once (Bonferroni).
   */
  static SuccessRate best(List<SuccessRate> rates) {
    SuccessRate best = rates.getFirst();
    for (SuccessRate rate : rates) {
      best = rate.value() > best.value() ? rate : best;
    }
    double confidence = 1 - (1 - CONFIDENCE) / rates.size();
    return new SuccessRate(
        best.successes(),
        best.pictures(),
        ExactInterval.of(best.successes(), best.pictures(), confidence));
  }

  /**
   * The mean of several over the same prompts and seeds. They are not independent, so the interval
   * is that of a single set of pictures.
   */
  static SuccessRate mean(List<SuccessRate> rates) {
    int pictures = rates.getFirst().pictures();
    double successes = 0;
    for (SuccessRate rate : rates) {
      successes += rate.successes() / rates.size();
    }
    successes = Math.min(successes, pictures);
    return new SuccessRate(successes, pictures, ExactInterval.of(successes, pictures, CONFIDENCE));
  }

  /** From 0 to 1. */
  public double value() {
    return successes / pictures;
  }
}
