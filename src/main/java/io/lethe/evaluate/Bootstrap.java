// How far a figure could move with other prompts: the bootstrap's percentile interval.
package io.lethe.evaluate;

import io.lethe.LetheException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws prompts with replacement, as many as there are, a thousand times, and computes the figure
 * anew each time; the interval runs from the 2.5th to the 97.5th percentile (Efron 1979).
 *
 * <p>Pictures of one prompt are not independent, so prompts are drawn, never pictures. The draws
 * have a fixed seed: the same figures give the same interval.
 */
public final class Bootstrap {
  private static final int RESAMPLES = 1000;
  private static final long SEED = 20241;

  /** The ends of a 95 % interval. */
  public record Interval(double low, double high) {}

  private Bootstrap() {}

  /**
   * The interval of {@code sum(hits) / sum(totals)}.
   *
   * @param hits successes of each prompt
   * @param totals pictures of each prompt, at least 1
   */
  public static Interval ofRate(int[] hits, int[] totals) {
    if (hits.length != totals.length || hits.length == 0) {
      throw new LetheException(hits.length + " prompts with " + totals.length + " totals");
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] rates = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      long hit = 0;
      long total = 0;
      for (int i = 0; i < hits.length; i++) {
        int drawn = random.nextInt(hits.length);
        hit += hits[drawn];
        total += totals[drawn];
      }
      rates[r] = (double) hit / total;
    }
    return interval(rates);
  }

  /** The interval of a mean, such as that of paired differences. */
  public static Interval ofMean(double... values) {
    if (values.length == 0) {
      throw new LetheException("an interval of no values");
    }
    SplittableRandom random = new SplittableRandom(SEED);
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[random.nextInt(values.length)];
      }
      means[r] = sum / values.length;
    }
    return interval(means);
  }

  private static Interval interval(double[] values) {
    Arrays.sort(values);
    return new Interval(percentile(values, 0.025), percentile(values, 0.975));
  }

  /** Of sorted values, with linear interpolation between the two nearest. */
  static double percentile(double[] sorted, double share) {
    double position = share * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
