// The exact interval of a rate, on published values.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.evaluate.Bootstrap.Interval;
import org.junit.jupiter.api.Test;

class ExactIntervalTest {
  private static final double DIGITS = 5e-5;

  /** Ten trials, as in every table of Clopper and Pearson's limits. */
  @Test
  void tableOfTenTrials() {
    check(0, 0, 0.3085);
    check(1, 0.0025, 0.4450);
    check(5, 0.1871, 0.8129);
    check(10, 0.6915, 1);
  }

  private static void check(int successes, double low, double high) {
    Interval interval = ExactInterval.of(successes, 10, 0.95);
    assertEquals(low, interval.low(), DIGITS);
    assertEquals(high, interval.high(), DIGITS);
  }

  /** At n of n the low end is {@code (alpha/2)^(1/n)}, in closed form. */
  @Test
  void closedFormAtTheEnd() {
    assertEquals(Math.pow(0.025, 1 / 64.0), ExactInterval.of(64, 64, 0.95).low(), 1e-9);
    assertEquals(1 - Math.pow(0.005, 1 / 7.0), ExactInterval.of(0, 7, 0.99).high(), 1e-9);
  }

  @Test
  void aMeanThatIsNotWholeLiesBetween() {
    Interval below = ExactInterval.of(3, 16, 0.95);
    Interval between = ExactInterval.of(3.5, 16, 0.95);
    Interval above = ExactInterval.of(4, 16, 0.95);
    assertTrue(below.low() < between.low() && between.low() < above.low());
    assertTrue(below.high() < between.high() && between.high() < above.high());
  }

  @Test
  void whatIsNoRateIsRefused() {
    assertThrows(LetheException.class, () -> ExactInterval.of(3, 2, 0.95));
    assertThrows(LetheException.class, () -> ExactInterval.of(-1, 2, 0.95));
    assertThrows(LetheException.class, () -> ExactInterval.of(Double.NaN, 2, 0.95));
    assertThrows(LetheException.class, () -> ExactInterval.of(0, 0, 0.95));
  }
}
