// Who judged, and how often it is wrong itself.
package io.lethe.report;

import io.lethe.report.ConceptLosses.Loss;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The judge's own error: on the base model's pictures, where nothing was erased, every other answer
 * than the name that was asked for is a mistake, of the judge or of the base model.
 *
 * @param accuracy over all pictures of the base
 * @param confusions what was asked for and what was seen, most often first
 * @param instead what it saw in pictures of the erased concept
 * @param confidence of whatever it saw there: low where pictures fell apart
 */
record JudgeView(
    String id,
    String accuracy,
    String erasedAccuracy,
    List<Confusion> confusions,
    List<Confusion> instead,
    String baseConfidence,
    String confidence) {
  /** How often a name was taken for another. */
  record Confusion(String asked, String seen, int count) {}

  private static final int MOST = 8;

  static JudgeView of(EvaluationFolder evaluation, List<Loss> losses) {
    List<JudgedPicture> base = evaluation.base();
    List<JudgedPicture> erased = base.stream().filter(JudgedPicture::isErased).toList();
    List<Loss> gone = losses.stream().filter(Loss::isErased).toList();
    return new JudgeView(
        Words.name(evaluation.summary().path("judge").asString("")),
        right(base),
        erased.isEmpty() ? "" : right(erased),
        confusions(base),
        confusions(evaluation.erased().stream().filter(JudgedPicture::isErased).toList()),
        Words.percent(gone.stream().mapToDouble(Loss::baseConfidence).average().orElse(0)),
        Words.percent(gone.stream().mapToDouble(Loss::confidence).average().orElse(0)));
  }

  private static String right(List<JudgedPicture> pictures) {
    long hits = hits(pictures);
    return "%d of %d (%s)"
        .formatted(hits, pictures.size(), Words.percent((double) hits / pictures.size()));
  }

  static long hits(List<JudgedPicture> pictures) {
    return pictures.stream().filter(JudgedPicture::isRecognised).count();
  }

  private static List<Confusion> confusions(List<JudgedPicture> pictures) {
    Map<List<String>, Integer> counts = new LinkedHashMap<>();
    pictures.stream()
        .filter(picture -> !picture.isRecognised())
        .forEach(
            picture -> counts.merge(List.of(picture.concept(), picture.seen()), 1, Integer::sum));
    return counts.entrySet().stream()
        .sorted(Map.Entry.<List<String>, Integer>comparingByValue().reversed())
        .limit(MOST)
        .map(entry ->
            new Confusion(
                Words.name(entry.getKey().getFirst()),
                Words.name(entry.getKey().getLast()),
                entry.getValue()))
        .toList();
  }
}
