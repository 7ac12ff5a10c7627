// From values to places on a chart.
package io.lethe.report.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear scale.
 *
 * @param low the value at {@code from}
 * @param high the value at {@code to}, more than low
 */
record Scale(double low, double high, double from, double to) {

  double at(double value) {
    double inside = Math.clamp(value, low, high);
    return from + (inside - low) / (high - low) * (to - from);
  }

  /** A range that holds all values, with a margin; one of width 1 where they are all alike. */
  static Scale around(double[] values, double from, double to) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!(low < high)) {
      low = Double.isFinite(low) ? low - 0.5 : 0;
      high = low + 1;
    }
    double margin = (high - low) * 0.04;
    return new Scale(low - margin, high + margin, from, to);
  }

  /** About so many round values within the range, lowest first. */
  List<Double> ticks(int about) {
    double rough = (high - low) / Math.max(1, about);
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {1, 2, 5, 10}) {
      step = factor * power;
      if (step >= rough) {
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}
