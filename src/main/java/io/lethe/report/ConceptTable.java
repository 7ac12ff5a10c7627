// Every name of the evaluation, one a row.
package io.lethe.report;

import io.lethe.report.ConceptLosses.Loss;
import java.util.List;

/** The erased names first, then the kept in the evaluation's order. */
record ConceptTable(List<Row> rows) {
  /** Figures as text. */
  record Row(
      String name,
      String kind,
      String distance,
      int pictures,
      String baseTop1,
      String top1,
      String baseTop5,
      String top5,
      String baseProbability,
      String probability,
      String seen,
      boolean worse) {}

  /**
   * @param vocabulary whether kept names are told apart by what the method could use
   */
  static ConceptTable of(List<Loss> losses, boolean vocabulary) {
    return new ConceptTable(losses.stream().map(loss -> row(loss, vocabulary)).toList());
  }

  private static Row row(Loss loss, boolean vocabulary) {
    String kept = !vocabulary ? "kept" : loss.known() ? "kept, known" : "kept, unseen";
    return new Row(
        Words.name(loss.concept()),
        loss.isErased() ? "erased" : kept,
        loss.distance().isPresent() ? Words.decimal(loss.distance().getAsDouble(), 2) : "\u2013",
        loss.pictures(),
        Words.number(loss.baseTop1()),
        Words.number(loss.top1()),
        Words.number(loss.baseTop5()),
        Words.number(loss.top5()),
        Words.number(Math.rint(100 * loss.baseProbability()) / 100),
        Words.number(Math.rint(100 * loss.probability()) / 100),
        Damage.seen(loss.seen()),
        !loss.isErased() && loss.top1Loss() > 0);
  }
}
