// What each name lost, and how far it lies from what was erased.
package io.lethe.report;

import io.lethe.evaluate.ClipJudge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** The names of an evaluation, one by one. */
final class ConceptLosses {
  /**
   * One name.
   *
   * @param distance from the nearest erased concept: one minus the cosine of the judge's sentences
   * @param baseTop1 share of the base's pictures in which the judge sees the name first
   * @param baseProbability mean probability of the name in the base's pictures
   * @param seen what the judge saw first in the edited model's pictures, most often first
   * @param confidence mean probability of whatever it saw first: low where pictures fell apart
   * @param worst the pair of pictures that lost most
   */
  record Loss(
      String concept,
      boolean isErased,
      boolean known,
      OptionalDouble distance,
      int pictures,
      double baseTop1,
      double top1,
      double baseTop5,
      double top5,
      double baseProbability,
      double probability,
      double baseConfidence,
      double confidence,
      Map<String, Integer> seen,
      JudgedPicture worst) {

    /** Share of pictures that are no longer recognised. */
    double top1Loss() {
      return baseTop1 - top1;
    }

    double probabilityLoss() {
      return baseProbability - probability;
    }
  }

  private ConceptLosses() {}

  /** Every name in the evaluation's order; distances only where a judge knows them. */
  static List<Loss> of(EvaluationFolder evaluation, Optional<ClipJudge> judge) {
    Map<String, List<Integer>> places = new LinkedHashMap<>();
    for (int i = 0; i < evaluation.erased().size(); i++) {
      String concept = evaluation.erased().get(i).concept();
      places.computeIfAbsent(concept, name -> new ArrayList<>()).add(i);
    }
    List<Loss> losses = new ArrayList<>();
    places.forEach((concept, indexes) -> {
      List<JudgedPicture> before = indexes.stream().map(evaluation.base()::get).toList();
      List<JudgedPicture> after = indexes.stream().map(evaluation.erased()::get).toList();
      OptionalDouble distance =
          judge.isPresent()
              ? distance(judge.get(), concept, evaluation.erasedNames())
              : OptionalDouble.empty();
      losses.add(loss(concept, before, after, distance));
    });
    return losses;
  }

  private static Loss loss(
      String concept,
      List<JudgedPicture> before,
      List<JudgedPicture> after,
      OptionalDouble distance) {
    int worst = 0;
    for (int i = 1; i < after.size(); i++) {
      if (drop(before.get(i), after.get(i)) > drop(before.get(worst), after.get(worst))) {
        worst = i;
      }
    }
    JudgedPicture first = after.getFirst();
    return new Loss(
        concept,
        first.isErased(),
        first.known(),
        distance,
        after.size(),
        within(before, 1),
        within(after, 1),
        within(before, 5),
        within(after, 5),
        before.stream().mapToDouble(JudgedPicture::probability).average().orElseThrow(),
        after.stream().mapToDouble(JudgedPicture::probability).average().orElseThrow(),
        before.stream().mapToDouble(JudgedPicture::seenProbability).average().orElseThrow(),
        after.stream().mapToDouble(JudgedPicture::seenProbability).average().orElseThrow(),
        seen(after),
        after.get(worst));
  }

  private static double drop(JudgedPicture before, JudgedPicture after) {
    return before.probability() - after.probability();
  }

  private static double within(List<JudgedPicture> pictures, int k) {
    return pictures.stream().mapToInt(picture -> picture.rank() <= k ? 1 : 0).average().orElse(0);
  }

  /** Labels with their counts, most often first. */
  static Map<String, Integer> seen(List<JudgedPicture> pictures) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    pictures.forEach(picture -> counts.merge(picture.seen(), 1, Integer::sum));
    Map<String, Integer> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  private static OptionalDouble distance(ClipJudge judge, String concept, List<String> erased) {
    int own = judge.labels().indexOf(concept);
    return own < 0
        ? OptionalDouble.empty()
        : erased.stream()
            .mapToInt(judge.labels()::indexOf)
            .filter(label -> label >= 0)
            .mapToDouble(label -> 1 - judge.likeness(own, label))
            .min();
  }

  /** Kept names that lost something, those that are recognised less often first. */
  static List<Loss> worst(List<Loss> losses, int count) {
    return losses.stream()
        .filter(loss -> !loss.isErased() && (loss.top1Loss() > 0 || loss.probabilityLoss() > 0.01))
        .sorted(
            Comparator.comparingDouble(Loss::top1Loss)
                .thenComparingDouble(Loss::probabilityLoss)
                .reversed())
        .limit(count)
        .toList();
  }
}
