// ESR-k and PSR-k: how surely the erased is gone, and the rest kept.
package io.lethe.evaluate;

import io.lethe.LetheException;
import java.util.Collection;

/**
 * Rates over judged pictures (Bui et al. 2024, Erasing Undesirable Concepts with Adversarial
 * Preservation).
 *
 * <p>{@code ESR-k}: the share of pictures asked for an erased concept whose label is not among the
 * judge's k best. {@code PSR-k}: the share of pictures asked for a kept concept whose label is.
 * Both are better when higher.
 */
public final class ErasureScores {
  private ErasureScores() {}

  /**
   * @param ranks the place of the picture's own label, 1 the best, for every picture of an erased
   *     concept
   */
  public static double esr(Collection<Integer> ranks, int k) {
    return 1 - psr(ranks, k);
  }

  /**
   * @param ranks the place of the picture's own label, for every picture of a kept concept
   */
  public static double psr(Collection<Integer> ranks, int k) {
    if (ranks.isEmpty()) {
      throw new LetheException("a rate of no pictures");
    }
    long within = ranks.stream().filter(rank -> rank <= k).count();
    return (double) within / ranks.size();
  }

  /**
   * How much of what the base model still drew is gone: {@code (ESR - base) / (1 - base)}; NaN
   * where the base draws nothing of it.
   */
  public static double normalisedEsr(double esr, double base) {
    return base < 1 ? (esr - base) / (1 - base) : Double.NaN;
  }

  /** What share of the base model's own PSR is left: {@code PSR / base}; NaN where that is 0. */
  public static double normalisedPsr(double psr, double base) {
    return base > 0 ? psr / base : Double.NaN;
  }
}
