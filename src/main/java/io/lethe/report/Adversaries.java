// The words that an adversarial method defended, and when.
package io.lethe.report;

import io.lethe.report.chart.SearchTimeline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * For one concept, the search over words whose loss the edit makes worst.
 *
 * @param svg the timeline, or "" where the method keeps none
 * @param weights the heaviest words at the end
 */
record Adversaries(String concept, String sentence, String svg, List<Weight> weights) {
  /** A word and its weight; the bar's length is relative to the heaviest. */
  record Weight(String word, String weight, String length) {}

  private static final int HEAVIEST = 12;

  /** One a concept. */
  static List<Adversaries> of(ErasureRecord erasure) {
    Set<String> concepts = new LinkedHashSet<>(erasure.searchHistory().keySet());
    concepts.addAll(erasure.wordWeights().keySet());
    List<Adversaries> all = new ArrayList<>();
    for (String concept : concepts) {
      List<String> history = erasure.searchHistory().getOrDefault(concept, List.of());
      all.add(
          new Adversaries(
              Words.name(concept),
              sentence(history),
              history.isEmpty() ? "" : SearchTimeline.draw(history, description(history)),
              weights(erasure.wordWeights().getOrDefault(concept, Map.of()))));
    }
    return all;
  }

  private static String sentence(List<String> history) {
    Map<String, Integer> counts = SearchTimeline.counts(history);
    if (counts.isEmpty()) {
      return "";
    }
    return "The search chose %s in %s, most often %s."
        .formatted(
            Words.count(counts.size(), "word"),
            Words.count(history.size(), "choice"),
            Words.list(counts.keySet().stream().limit(3).toList()));
  }

  private static String description(List<String> history) {
    return "Which word the search held hardest to keep, choice by choice. " + sentence(history);
  }

  private static List<Weight> weights(Map<String, Double> words) {
    List<Map.Entry<String, Double>> sorted =
        words.entrySet().stream()
            .filter(entry -> Double.isFinite(entry.getValue()) && entry.getValue() > 0)
            .sorted(
                Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(HEAVIEST)
            .toList();
    return sorted.stream()
        .map(entry ->
            new Weight(
                Words.name(entry.getKey()),
                String.format(Locale.ROOT, "%.3g", entry.getValue()),
                Words.decimal(100 * entry.getValue() / sorted.getFirst().getValue(), 1)))
        .toList();
  }
}
