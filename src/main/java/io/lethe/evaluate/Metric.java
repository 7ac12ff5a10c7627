// A rate of the edited model beside that of its base.
package io.lethe.evaluate;

import io.lethe.evaluate.Bootstrap.Interval;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of the summary.
 *
 * @param value the edited model's rate
 * @param interval 95 %, over prompts
 * @param pictures how many pictures of each model
 * @param prompts how many different prompts
 * @param base the base model's rate
 * @param normalised the value with the base as the scale; NaN where the base leaves no room
 */
public record Metric(
    double value,
    Interval interval,
    int pictures,
    int prompts,
    double base,
    Interval baseInterval,
    double normalised) {

  /** The share of pictures whose label is not among the k best. */
  static Metric esr(List<ScoredPicture> erased, List<ScoredPicture> base, int k) {
    return rate(erased, base, k, true);
  }

  /** The share of pictures whose label is among the k best. */
  static Metric psr(List<ScoredPicture> erased, List<ScoredPicture> base, int k) {
    return rate(erased, base, k, false);
  }

  private static Metric rate(
      List<ScoredPicture> pictures, List<ScoredPicture> basePictures, int k, boolean absent) {
    double value = value(pictures, k, absent);
    double base = value(basePictures, k, absent);
    double normalised =
        absent
            ? ErasureScores.normalisedEsr(value, base)
            : ErasureScores.normalisedPsr(value, base);
    int prompts = (int) pictures.stream().map(ScoredPicture::prompt).distinct().count();
    return new Metric(
        value,
        interval(pictures, k, absent),
        pictures.size(),
        prompts,
        base,
        interval(basePictures, k, absent),
        normalised);
  }

  private static double value(List<ScoredPicture> pictures, int k, boolean absent) {
    List<Integer> ranks = pictures.stream().map(ScoredPicture::rank).toList();
    return absent ? ErasureScores.esr(ranks, k) : ErasureScores.psr(ranks, k);
  }

  private static Interval interval(List<ScoredPicture> pictures, int k, boolean absent) {
    Map<String, int[]> byPrompt = new LinkedHashMap<>();
    for (ScoredPicture picture : pictures) {
      int[] counts = byPrompt.computeIfAbsent(picture.prompt(), prompt -> new int[2]);
      counts[0] += picture.rank() <= k == absent ? 0 : 1;
      counts[1]++;
    }
    int[] hits = byPrompt.values().stream().mapToInt(counts -> counts[0]).toArray();
    int[] totals = byPrompt.values().stream().mapToInt(counts -> counts[1]).toArray();
    return Bootstrap.ofRate(hits, totals);
  }
}
