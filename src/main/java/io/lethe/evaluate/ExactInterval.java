// How far a rate can be from what was counted, where every picture is one trial.
package io.lethe.evaluate;

import io.lethe.LetheException;
import io.lethe.evaluate.Bootstrap.Interval;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * The exact interval of a binomial rate (Clopper and Pearson 1934). Unlike the bootstrap it is
 * honest at the ends: 64 successes of 64 do not prove 100 %.
 */
public final class ExactInterval {
  private ExactInterval() {}

  /**
   * The interval that holds the rate with at least this confidence.
   *
   * @param successes from 0 to {@code trials}; a mean of several counts need not be whole
   * @param confidence such as 0.95
   */
  public static Interval of(double successes, int trials, double confidence) {
    if (!(successes >= 0 && successes <= trials) || trials < 1) {
      throw new LetheException(successes + " successes of " + trials);
    }
    double tail = (1 - confidence) / 2;
    double low =
        successes == 0
            ? 0
            : new BetaDistribution(successes, trials - successes + 1)
                .inverseCumulativeProbability(tail);
    double high =
        successes == trials
            ? 1
            : new BetaDistribution(successes + 1, trials - successes)
                .inverseCumulativeProbability(1 - tail);
    return new Interval(low, high);
  }
}
