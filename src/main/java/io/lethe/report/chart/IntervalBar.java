// A rate, its interval and the base beside it, on one line from 0 to 100 %.
package io.lethe.report.chart;

/** The bar that stands in tables and under the headline figures. */
public final class IntervalBar {
  private static final double WIDTH = 200;
  private static final double HEIGHT = 20;
  private static final double MARGIN = 6;

  private IntervalBar() {}

  /**
   * @param value the rate, 0 to 1, a filled point
   * @param low where the interval begins
   * @param high where it ends
   * @param base the base model's rate, an open ring
   */
  public static String draw(
      double value, double low, double high, double base, String description) {
    Svg svg = new Svg(WIDTH, HEIGHT, "bar", description);
    Scale scale = new Scale(0, 1, MARGIN, WIDTH - MARGIN);
    double middle = HEIGHT / 2;
    svg.line("rail", MARGIN, middle, WIDTH - MARGIN, middle);
    for (double tick : new double[] {0, 0.25, 0.5, 0.75, 1}) {
      svg.line("rail", scale.at(tick), middle - 3, scale.at(tick), middle + 3);
    }
    double left = scale.at(low);
    double width = Math.max(1.5, scale.at(high) - left);
    svg.rectangle("interval", left, middle - 3.5, width, 7);
    circle(svg, "ring", scale.at(base), middle, 4.5);
    circle(svg, "dot", scale.at(value), middle, 4.2);
    return svg.finish();
  }

  private static void circle(Svg svg, String styleClass, double x, double y, double radius) {
    svg.open(
            "circle",
            "class",
            styleClass,
            "cx",
            Svg.number(x),
            "cy",
            Svg.number(y),
            "r",
            Svg.number(radius))
        .close();
  }
}
