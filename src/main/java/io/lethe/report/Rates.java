// Rates of judged pictures, the edited model's beside the base's, with honest intervals.
package io.lethe.report;

import io.lethe.LetheException;
import io.lethe.evaluate.Bootstrap;
import io.lethe.evaluate.Bootstrap.Interval;
import io.lethe.evaluate.ErasureScores;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * One rate.
 *
 * @param value the edited model's
 * @param spread how far it could move
 * @param base the base model's
 * @param normalised the value with the base as the scale (see {@link ErasureScores}); NaN where the
 *     base leaves no room
 */
record Rates(
    double value,
    Spread spread,
    double base,
    Spread baseSpread,
    double normalised,
    int pictures,
    int prompts) {

  /**
   * A 95 % interval.
   *
   * @param exact whether it is the binomial one over pictures, because the bootstrap over prompts
   *     has no width: where every prompt had the same outcome, resampling them can show no other
   */
  record Spread(double low, double high, boolean exact) {}

  /** The share of pictures in which the judge does not rank the name among its k best. */
  static Rates esr(List<JudgedPicture> erased, List<JudgedPicture> base, int k) {
    return of(erased, base, k, true, JudgedPicture::prompt);
  }

  /** The share of pictures in which it does. */
  static Rates psr(List<JudgedPicture> erased, List<JudgedPicture> base, int k) {
    return of(erased, base, k, false, JudgedPicture::prompt);
  }

  /**
   * @param absent whether a picture counts in which the name is not seen
   * @param unit what is drawn anew by the bootstrap: pictures that share it are not independent
   */
  static Rates of(
      List<JudgedPicture> erased,
      List<JudgedPicture> base,
      int k,
      boolean absent,
      Function<JudgedPicture, String> unit) {
    if (erased.isEmpty() || erased.size() != base.size()) {
      throw new LetheException(
          "a rate of %d pictures beside %d".formatted(erased.size(), base.size()));
    }
    Counts after = Counts.of(erased, k, absent, unit);
    Counts before = Counts.of(base, k, absent, unit);
    double normalised =
        absent
            ? ErasureScores.normalisedEsr(after.rate(), before.rate())
            : ErasureScores.normalisedPsr(after.rate(), before.rate());
    return new Rates(
        after.rate(),
        after.spread(),
        before.rate(),
        before.spread(),
        normalised,
        erased.size(),
        after.totals().length);
  }

  /** How many of the edited model's pictures count. */
  long hits() {
    return Math.round(value * pictures);
  }

  long baseHits() {
    return Math.round(base * pictures);
  }

  /** Hits and pictures of each unit. */
  private record Counts(int[] hits, int[] totals) {
    static Counts of(
        List<JudgedPicture> pictures, int k, boolean absent, Function<JudgedPicture, String> unit) {
      Map<String, int[]> units = new LinkedHashMap<>();
      for (JudgedPicture picture : pictures) {
        int[] counts = units.computeIfAbsent(unit.apply(picture), name -> new int[2]);
        counts[0] += picture.rank() <= k == absent ? 0 : 1;
        counts[1]++;
      }
      return new Counts(
          units.values().stream().mapToInt(counts -> counts[0]).toArray(),
          units.values().stream().mapToInt(counts -> counts[1]).toArray());
    }

    double rate() {
      return (double) sum(hits) / sum(totals);
    }

    Spread spread() {
      Interval interval = Bootstrap.ofRate(hits, totals);
      return interval.low() < interval.high()
          ? new Spread(interval.low(), interval.high(), false)
          : binomial(sum(hits), sum(totals));
    }

    private static int sum(int[] values) {
      int sum = 0;
      for (int value : values) {
        sum += value;
      }
      return sum;
    }
  }

  /** The exact interval of Clopper and Pearson (1934), 95 %, two-sided. */
  static Spread binomial(int hits, int pictures) {
    double low =
        hits == 0
            ? 0
            : new BetaDistribution(hits, pictures - hits + 1.0).inverseCumulativeProbability(0.025);
    double high =
        hits == pictures
            ? 1
            : new BetaDistribution(hits + 1.0, pictures - hits).inverseCumulativeProbability(0.975);
    return new Spread(low, high, true);
  }
}
