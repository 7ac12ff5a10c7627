// Rates and their intervals: those of the evaluation, and exact ones where the bootstrap is blind.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.evaluate.Bootstrap;
import io.lethe.evaluate.Bootstrap.Interval;
import io.lethe.report.JudgedPicture.Split;
import io.lethe.report.Rates.Spread;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RatesTest {
  /** Pictures of prompts "0", "1" ... with these ranks, row by row. */
  private static List<JudgedPicture> pictures(int[]... ranks) {
    List<JudgedPicture> pictures = new ArrayList<>();
    for (int prompt = 0; prompt < ranks.length; prompt++) {
      for (int rank : ranks[prompt]) {
        pictures.add(
            new JudgedPicture(Split.ERASED, false, "lion", "" + prompt, 0, rank, 0.5, "owl", 0.5));
      }
    }
    return pictures;
  }

  @Test
  void ratesCountRanksAndNormaliseByTheBase() {
    List<JudgedPicture> base = pictures(new int[] {1, 1}, new int[] {1, 2}, new int[] {7, 1});
    List<JudgedPicture> after = pictures(new int[] {1, 6}, new int[] {2, 9}, new int[] {7, 4});
    Rates esr = Rates.esr(after, base, 1);
    assertEquals(5 / 6.0, esr.value(), 1e-12);
    assertEquals(2 / 6.0, esr.base(), 1e-12);
    assertEquals((5 / 6.0 - 2 / 6.0) / (1 - 2 / 6.0), esr.normalised(), 1e-12);
    assertEquals(3, esr.prompts());
    assertEquals(6, esr.pictures());
    Rates psr = Rates.psr(after, base, 5);
    assertEquals(0.5, psr.value(), 1e-12);
    assertEquals(0.5 / (5 / 6.0), psr.normalised(), 1e-12);
  }

  @Test
  void theIntervalIsTheBootstrapOverPrompts() {
    List<JudgedPicture> after = pictures(new int[] {1, 6}, new int[] {2, 9}, new int[] {1, 1});
    Interval expected = Bootstrap.ofRate(new int[] {1, 2, 0}, new int[] {2, 2, 2});
    assertEquals(
        new Spread(expected.low(), expected.high(), false), Rates.esr(after, after, 1).spread());
  }

  /** 32 of 32 pictures gone do not prove that the 33rd will be. */
  @Test
  void withoutAnyVariationTheIntervalIsTheBinomialOne() {
    List<JudgedPicture> gone = pictures(new int[] {9, 9}, new int[] {9, 9});
    Spread spread = Rates.esr(gone, gone, 1).spread();
    assertTrue(spread.exact());
    assertEquals(Math.pow(0.025, 1 / 4.0), spread.low(), 1e-9);
    assertEquals(1, spread.high());
    Spread none = Rates.psr(gone, gone, 1).spread();
    assertEquals(0, none.low());
    assertEquals(1 - Math.pow(0.025, 1 / 4.0), none.high(), 1e-9);
    // Published example: 5 of 10 has the exact interval 0.1871 to 0.8129.
    Spread half = Rates.binomial(5, 10);
    assertEquals(0.1871, half.low(), 5e-5);
    assertEquals(0.8129, half.high(), 5e-5);
  }
}
