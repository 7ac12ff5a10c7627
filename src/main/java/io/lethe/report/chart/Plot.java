// The frame of a chart: two axes with their ticks, a grid, and what they mean.
package io.lethe.report.chart;

import java.util.List;
import java.util.function.DoubleFunction;

/**
 * A rectangle between two scales.
 *
 * @param x the horizontal scale, in the picture's units
 * @param y the vertical scale; its {@code from} lies below its {@code to}
 */
record Plot(Scale x, Scale y) {
  private static final double TICK_TEXT = 15;

  /** Draws grid, ticks and titles. */
  void frame(
      Svg svg,
      String xTitle,
      String yTitle,
      DoubleFunction<String> xText,
      DoubleFunction<String> yText) {
    List<Double> xTicks = x.ticks(5);
    List<Double> yTicks = y.ticks(5);
    for (double tick : yTicks) {
      svg.line("grid", x.from(), y.at(tick), x.to(), y.at(tick));
      svg.text("tick", x.from() - 6, y.at(tick) + 4, "end", yText.apply(tick));
    }
    for (double tick : xTicks) {
      svg.line("grid", x.at(tick), y.from(), x.at(tick), y.to());
      svg.text("tick", x.at(tick), y.from() + TICK_TEXT, "middle", xText.apply(tick));
    }
    svg.line("axis", x.from(), y.from(), x.to(), y.from());
    svg.text("label", (x.from() + x.to()) / 2, y.from() + 2.3 * TICK_TEXT, "middle", xTitle);
    svg.text("label", 4, y.to() - 10, "start", yTitle);
  }
}
