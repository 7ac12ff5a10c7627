// Erasure against preservation: who pays least for being rid of a concept.
package io.lethe.report.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * One large mark a method, with the intervals of both figures, and a small one a cell; a line joins
 * the methods that no other beats in both.
 */
public final class ParetoChart {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 350;

  /** A method, erasure to the right and preservation upwards, 0 to 1, with their intervals. */
  public record Method(
      String name,
      String cost,
      double erasure,
      double erasureLow,
      double erasureHigh,
      double preservation,
      double preservationLow,
      double preservationHigh,
      List<Cell> cells) {}

  /** One erasure of the method. */
  public record Cell(String name, double erasure, double preservation) {}

  private ParetoChart() {}

  /** Those that no other method equals or beats in both figures, by growing erasure. */
  public static List<Method> front(List<Method> methods) {
    List<Method> front = new ArrayList<>();
    for (Method method : methods) {
      boolean beaten =
          methods.stream()
              .anyMatch(other ->
                  other.erasure() >= method.erasure()
                      && other.preservation() >= method.preservation()
                      && (other.erasure() > method.erasure()
                          || other.preservation() > method.preservation()));
      if (!beaten) {
        front.add(method);
      }
    }
    front.sort(Comparator.comparingDouble(Method::erasure));
    return front;
  }

  /**
   * @param base preservation of the base model, a dashed line
   */
  public static String draw(List<Method> methods, double base, String description) {
    Svg svg = new Svg(WIDTH, HEIGHT, "chart wide", description);
    double leastX = 1;
    double leastY = 1;
    for (Method method : methods) {
      leastX = Math.min(leastX, method.erasureLow());
      leastY = Math.min(leastY, method.preservationLow());
      for (Cell cell : method.cells()) {
        leastX = Math.min(leastX, cell.erasure());
        leastY = Math.min(leastY, cell.preservation());
      }
    }
    Scale x = new Scale(floor(leastX), 1.01, 44, WIDTH - 16);
    Scale y = new Scale(floor(leastY), 1.01, HEIGHT - 46, 34);
    new Plot(x, y)
        .frame(
            svg,
            "ESR-1: pictures without the erased concept (%)",
            "PSR-1: pictures of kept names still recognised (%)",
            value -> String.format(Locale.ROOT, "%.0f", 100 * value),
            value -> String.format(Locale.ROOT, "%.0f", 100 * value));
    svg.line("base", x.from(), y.at(base), x.to(), y.at(base));
    List<Method> front = front(methods);
    double[] line = new double[2 * front.size()];
    for (int i = 0; i < front.size(); i++) {
      line[2 * i] = x.at(front.get(i).erasure());
      line[2 * i + 1] = y.at(front.get(i).preservation());
    }
    svg.path("front", line);
    Labels labels = new Labels(x.from(), 20, WIDTH, y.from());
    for (int m = 0; m < methods.size(); m++) {
      Method method = methods.get(m);
      double atX = x.at(method.erasure());
      double atY = y.at(method.preservation());
      labels.avoid(atX, atY, 7);
      labels.avoid(x.at(method.erasureLow()), atY - 1, x.at(method.erasureHigh()), atY + 1);
      labels.avoid(
          atX - 1, y.at(method.preservationHigh()), atX + 1, y.at(method.preservationLow()));
      for (Cell cell : method.cells()) {
        Mark.of(m)
            .open(svg, "cell series" + m % 8, x.at(cell.erasure()), y.at(cell.preservation()), 2.6)
            .title(cell.name())
            .close();
      }
    }
    for (int m = 0; m < methods.size(); m++) {
      Method method = methods.get(m);
      double atX = x.at(method.erasure());
      double atY = y.at(method.preservation());
      String series = " series" + m % 8;
      svg.line("whisker" + series, x.at(method.erasureLow()), atY, x.at(method.erasureHigh()), atY);
      svg.line(
          "whisker" + series,
          atX,
          y.at(method.preservationLow()),
          atX,
          y.at(method.preservationHigh()));
      Mark.of(m)
          .open(svg, "method" + series, atX, atY, 6.5)
          .title(method.name() + ": " + method.cost())
          .close();
    }
    for (int m = 0; m < methods.size(); m++) {
      Method method = methods.get(m);
      String name = DamageScatter.cut(method.name(), 24);
      double atX = x.at(method.erasure());
      double atY = y.at(method.preservation());
      String[] lines =
          method.cost().isEmpty() ? new String[] {name} : new String[] {name, method.cost()};
      // A method without its name would say nothing: at worst it stands over a whisker.
      if (!labels.write(svg, "name", atX, atY, 10, lines)
          && !labels.write(svg, "name", atX, atY, 10, name)) {
        labels.writeOver(svg, "name", atX, atY, 10, name);
      }
    }
    return svg.finish();
  }

  /** A little below, at a multiple of five points, and at least ten points of range. */
  private static double floor(double least) {
    return Math.clamp(Math.floor((least - 0.02) * 20) / 20, 0, 0.9);
  }
}
