// What an evaluation found: every picture, the metrics, and a row for each concept.
package io.lethe.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The judged pictures of both models, in the same order.
 *
 * @param judge name and hash of the judge
 * @param labels what it ranked among
 * @param baseHash hash of the base model's files
 * @param erasedHash hash of the edited model's files
 * @param settings sampler, steps, guidance, size
 */
public record EvaluationResult(
    EvaluationPlan plan,
    String judge,
    List<String> labels,
    String baseHash,
    String erasedHash,
    String settings,
    List<ScoredPicture> base,
    List<ScoredPicture> erased) {

  /**
   * One concept's figures.
   *
   * @param top1 share of the edited model's pictures in which the judge sees the concept first
   * @param top5 share in which it is among the first five
   * @param confidence mean probability of whatever the judge saw first: low where pictures fell
   *     apart
   * @param seen what the judge saw first in the edited model's pictures, most often first
   */
  public record ConceptRow(
      String concept,
      boolean isErased,
      boolean inVocabulary,
      int pictures,
      double baseTop1,
      double baseTop5,
      double top1,
      double top5,
      double baseConfidence,
      double confidence,
      Map<String, Integer> seen) {}

  public EvaluationResult {
    base = List.copyOf(base);
    erased = List.copyOf(erased);
  }

  /**
   * The metrics that have pictures: {@code esr1, esr5, psr1, psr5}, PSR for kept names in and
   * outside the eraser's vocabulary, and ESR-1 for each prompt form.
   */
  public Map<String, Metric> metrics() {
    Map<String, Metric> metrics = new LinkedHashMap<>();
    add(metrics, "esr1", ScoredPicture::isErased, 1);
    add(metrics, "esr5", ScoredPicture::isErased, 5);
    add(metrics, "psr1", row -> !row.isErased(), 1);
    add(metrics, "psr5", row -> !row.isErased(), 5);
    if (!plan.vocabulary().isEmpty()) {
      add(metrics, "psr1.vocabulary", row -> !row.isErased() && row.inVocabulary(), 1);
      add(metrics, "psr5.vocabulary", row -> !row.isErased() && row.inVocabulary(), 5);
      add(metrics, "psr1.outside", row -> !row.isErased() && !row.inVocabulary(), 1);
      add(metrics, "psr5.outside", row -> !row.isErased() && !row.inVocabulary(), 5);
    }
    for (int form = 0; form < plan.forms().count(); form++) {
      int itsForm = form;
      String name = "esr1.form \"" + plan.forms().templates().get(form) + "\"";
      add(metrics, name, row -> row.isErased() && row.form() == itsForm, 1);
    }
    return metrics;
  }

  private void add(Map<String, Metric> metrics, String name, Predicate<ScoredPicture> rows, int k) {
    List<ScoredPicture> chosen = erased.stream().filter(rows).toList();
    List<ScoredPicture> baseChosen = base.stream().filter(rows).toList();
    if (!chosen.isEmpty()) {
      Metric metric =
          name.startsWith("esr")
              ? Metric.esr(chosen, baseChosen, k)
              : Metric.psr(chosen, baseChosen, k);
      metrics.put(name, metric);
    }
  }

  /** The concepts in the plan's order, the erased first. */
  public List<ConceptRow> concepts() {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < erased.size(); i++) {
      places.computeIfAbsent(erased.get(i).concept(), name -> new ArrayList<>()).add(i);
    }
    List<ConceptRow> rows = new ArrayList<>();
    for (List<Integer> indexes : places.values()) {
      List<ScoredPicture> before = indexes.stream().map(base::get).toList();
      List<ScoredPicture> after = indexes.stream().map(erased::get).toList();
      rows.add(row(before, after));
    }
    return rows;
  }

  private ConceptRow row(List<ScoredPicture> before, List<ScoredPicture> after) {
    Map<Integer, Integer> counts = new LinkedHashMap<>();
    after.forEach(picture -> counts.merge(picture.ranking().top(1)[0], 1, Integer::sum));
    Map<String, Integer> seen = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
        .forEach(entry -> seen.put(labels.get(entry.getKey()), entry.getValue()));
    ScoredPicture first = after.getFirst();
    return new ConceptRow(
        first.concept(),
        first.isErased(),
        first.inVocabulary(),
        after.size(),
        within(before, 1),
        within(before, 5),
        within(after, 1),
        within(after, 5),
        confidence(before),
        confidence(after),
        seen);
  }

  private static double within(List<ScoredPicture> pictures, int k) {
    return ErasureScores.psr(pictures.stream().map(ScoredPicture::rank).toList(), k);
  }

  private static double confidence(List<ScoredPicture> pictures) {
    double sum = 0;
    for (ScoredPicture picture : pictures) {
      sum += picture.ranking().probability(picture.ranking().top(1)[0]);
    }
    return sum / pictures.size();
  }
}
