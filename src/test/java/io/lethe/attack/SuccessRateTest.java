// Rates of several restarts, and what may be said of the best and of their mean.
package io.lethe.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.evaluate.ExactInterval;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuccessRateTest {
  private static final List<SuccessRate> RATES =
      List.of(SuccessRate.of(3, 16), SuccessRate.of(12, 16), SuccessRate.of(5, 16));

  @Test
  void theBestOfThreeHasAWiderIntervalThanOneAlone() {
    SuccessRate best = SuccessRate.best(RATES);
    assertEquals(0.75, best.value());
    assertEquals(ExactInterval.of(12, 16, 1 - 0.05 / 3), best.interval());
    assertTrue(best.interval().low() < RATES.get(1).interval().low());
    assertEquals(RATES.get(1), SuccessRate.best(List.of(RATES.get(1))));
  }

  @Test
  void theMeanCountsItsPicturesOnce() {
    SuccessRate mean = SuccessRate.mean(RATES);
    assertEquals(20 / 48.0, mean.value(), 1e-12);
    assertEquals(16, mean.pictures());
    SuccessRate certain = SuccessRate.of(16, 16);
    assertEquals(certain, SuccessRate.mean(List.of(certain, certain, certain)));
  }
}
