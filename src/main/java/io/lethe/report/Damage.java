// Collateral damage against distance from the concept, and the names that suffered most.
package io.lethe.report;

import io.lethe.report.ConceptLosses.Loss;
import io.lethe.report.Studio.Drawn;
import io.lethe.report.Studio.Wish;
import io.lethe.report.chart.DamageScatter;
import io.lethe.report.chart.DamageScatter.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The section on what else was hurt.
 *
 * @param svg the scatter, or "" where no judge told distances
 * @param sentence what it says
 * @param worst at most ten names, the worst first
 */
record Damage(String svg, String sentence, List<Hurt> worst) {
  /** One name, with its worst pair of pictures where they could be drawn. */
  record Hurt(
      String name,
      String top1,
      String probability,
      String distance,
      String seen,
      String prompt,
      Optional<InlinePicture> before,
      Optional<InlinePicture> after) {}

  private static final int WORST = 10;

  /**
   * @param studio draws the worst pairs again as they were judged; without it there are no pictures
   */
  static Damage of(List<Loss> losses, Optional<Studio> studio) {
    List<Loss> placed =
        losses.stream()
            .filter(loss -> !loss.isErased() && loss.distance().isPresent())
            .sorted(Comparator.comparingDouble(loss -> loss.distance().getAsDouble()))
            .toList();
    String svg =
        placed.size() < 3 ? "" : DamageScatter.draw(points(placed), "", description(placed));
    return new Damage(svg, sentence(placed), hurt(ConceptLosses.worst(losses, WORST), studio));
  }

  static List<Point> points(List<Loss> placed) {
    return placed.stream()
        .map(loss ->
            new Point(
                Words.name(loss.concept()),
                loss.distance().getAsDouble(),
                loss.probabilityLoss(),
                loss.top1Loss() > 0))
        .toList();
  }

  static String description(List<Loss> placed) {
    return "Scatter of %d kept names: what each lost against its distance from the erased concept. "
            .formatted(placed.size())
        + sentence(placed);
  }

  /** The nearest quarter of the names beside the farthest. */
  private static String sentence(List<Loss> placed) {
    if (placed.size() < 8) {
      return "";
    }
    int quarter = placed.size() / 4;
    List<Loss> near = placed.subList(0, quarter);
    List<Loss> far = placed.subList(placed.size() - quarter, placed.size());
    return "The nearest quarter of the names lost %s points of recognition and %s of probability,"
            .formatted(Words.number(top1(near)), Words.number(probability(near)))
        + " the farthest quarter %s and %s."
            .formatted(Words.number(top1(far)), Words.number(probability(far)));
  }

  private static double top1(List<Loss> losses) {
    return losses.stream().mapToDouble(Loss::top1Loss).average().orElse(0);
  }

  private static double probability(List<Loss> losses) {
    return losses.stream().mapToDouble(Loss::probabilityLoss).average().orElse(0);
  }

  private static List<Hurt> hurt(List<Loss> worst, Optional<Studio> studio) {
    List<Wish> wishes =
        worst.stream().map(loss -> new Wish(loss.worst().prompt(), loss.worst().seed())).toList();
    List<Drawn> before = new ArrayList<>();
    List<Drawn> after = new ArrayList<>();
    studio.ifPresent(drawer -> {
      before.addAll(drawer.draw(drawer.base(), wishes, "drawing the worst ten, base"));
      after.addAll(drawer.draw(drawer.erased(), wishes, "drawing the worst ten, erased"));
    });
    List<Hurt> hurt = new ArrayList<>();
    for (int i = 0; i < worst.size(); i++) {
      Loss loss = worst.get(i);
      hurt.add(
          new Hurt(
              Words.name(loss.concept()),
              "%s \u2192 %s".formatted(Words.number(loss.baseTop1()), Words.percent(loss.top1())),
              "%s \u2192 %s"
                  .formatted(
                      Words.number(loss.baseProbability()), Words.percent(loss.probability())),
              loss.distance().isPresent()
                  ? Words.decimal(loss.distance().getAsDouble(), 2)
                  : "\u2013",
              seen(loss.seen()),
              Words.quoted(loss.worst().prompt()) + ", seed " + loss.worst().seed(),
              picture(before, i, "before, " + Words.quoted(loss.worst().prompt())),
              picture(after, i, "after, " + Words.quoted(loss.worst().prompt()))));
    }
    return hurt;
  }

  private static Optional<InlinePicture> picture(List<Drawn> drawn, int i, String alt) {
    return drawn.isEmpty()
        ? Optional.empty()
        : Optional.of(
            InlinePicture.thumbnail(
                drawn.get(i).picture(),
                alt + "; the judge sees " + Words.name(drawn.get(i).seen())));
  }

  /** The three labels that were seen most often, with their counts. */
  static String seen(Map<String, Integer> seen) {
    return String.join(
        ", ",
        seen.entrySet().stream()
            .limit(3)
            .map(entry -> Words.name(entry.getKey()) + " " + entry.getValue() + "\u00d7")
            .toList());
  }
}
