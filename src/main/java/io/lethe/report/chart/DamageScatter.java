// How much each kept name lost, against how far it lies from the erased concept.
package io.lethe.report.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** One point a name; the curve is the mean of groups of equal size. */
public final class DamageScatter {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 310;
  private static final int GROUPS = 6;
  private static final int NAMED = 8;

  /**
   * A kept name.
   *
   * @param distance from the nearest erased concept, one minus the cosine
   * @param loss of the judge's probability for the name, -1 to 1; negative where it gained
   * @param wrong whether pictures are no longer recognised that were before
   */
  public record Point(String name, double distance, double loss, boolean wrong) {}

  private DamageScatter() {}

  /**
   * @param heading above the chart, or ""
   */
  public static String draw(List<Point> points, String heading, String description) {
    Svg svg = new Svg(WIDTH, HEIGHT, "chart", description);
    if (!heading.isEmpty()) {
      svg.text("heading", WIDTH / 2, 14, "middle", heading);
    }
    double[] distances = points.stream().mapToDouble(Point::distance).toArray();
    Scale x = Scale.around(distances, 46, WIDTH - 12);
    double least = points.stream().mapToDouble(Point::loss).min().orElse(0);
    double most = points.stream().mapToDouble(Point::loss).max().orElse(0);
    Scale y = new Scale(Math.min(-0.1, least - 0.03), Math.max(0.3, most + 0.05), HEIGHT - 44, 40);
    new Plot(x, y)
        .frame(
            svg,
            "distance from the erased concept",
            "probability lost (points)",
            value -> String.format(Locale.ROOT, "%.2f", value),
            value -> String.format(Locale.ROOT, "%.0f", 100 * value));
    svg.line("axis", x.from(), y.at(0), x.to(), y.at(0));
    curve(svg, points, x, y);
    Labels labels = new Labels(x.from(), 26, WIDTH - 2, y.from());
    for (Point point : points) {
      labels.avoid(x.at(point.distance()), y.at(point.loss()), 3);
    }
    for (Point point : points) {
      String style = point.wrong() ? "point wrong" : "point";
      Mark mark = point.wrong() ? Mark.DIAMOND : Mark.CIRCLE;
      mark.open(svg, style, x.at(point.distance()), y.at(point.loss()), 3.6)
          .title(
              String.format(
                  Locale.ROOT,
                  "%s: lost %.0f points at distance %.2f",
                  point.name(),
                  100 * point.loss(),
                  point.distance()))
          .close();
    }
    points.stream()
        .filter(point -> point.wrong() || point.loss() > 0.1)
        .sorted(Comparator.comparingDouble(Point::loss).reversed())
        .limit(NAMED)
        .forEach(point ->
            labels.write(
                svg, "name", x.at(point.distance()), y.at(point.loss()), 6, cut(point.name(), 22)));
    return svg.finish();
  }

  private static void curve(Svg svg, List<Point> points, Scale x, Scale y) {
    List<Point> sorted = new ArrayList<>(points);
    sorted.sort(Comparator.comparingDouble(Point::distance));
    int groups = Math.min(GROUPS, sorted.size() / 3);
    if (groups < 2) {
      return;
    }
    double[] coordinates = new double[2 * groups];
    for (int g = 0; g < groups; g++) {
      List<Point> group =
          sorted.subList(g * sorted.size() / groups, (g + 1) * sorted.size() / groups);
      coordinates[2 * g] =
          x.at(group.stream().mapToDouble(Point::distance).average().orElseThrow());
      coordinates[2 * g + 1] =
          y.at(group.stream().mapToDouble(Point::loss).average().orElseThrow());
    }
    svg.path("mean", coordinates);
  }

  static String cut(String name, int longest) {
    if (name.codePointCount(0, name.length()) <= longest) {
      return name;
    }
    return name.substring(0, name.offsetByCodePoints(0, longest - 1)) + "\u2026";
  }
}
