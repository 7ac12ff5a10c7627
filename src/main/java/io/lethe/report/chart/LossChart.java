// The losses of a training run, smoothed enough to be read.
package io.lethe.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/** One curve a loss, each a mean over neighbouring steps, on a logarithmic axis where it may be. */
public final class LossChart {
  private static final double WIDTH = 460;
  private static final double HEIGHT = 240;
  private static final int MOST = 60;
  private static final int CURVES = 5;

  private LossChart() {}

  /**
   * @param losses name to the value of each step; values that are no numbers are left out
   */
  public static String draw(Map<String, List<Double>> losses, String description) {
    Svg svg = new Svg(WIDTH, HEIGHT, "chart", description);
    List<double[]> curves = new ArrayList<>();
    List<String> names = new ArrayList<>();
    int steps = 1;
    for (Map.Entry<String, List<Double>> entry : losses.entrySet()) {
      if (entry.getValue().size() > 1 && curves.size() < CURVES) {
        curves.add(smooth(entry.getValue()));
        names.add(entry.getKey());
        steps = Math.max(steps, entry.getValue().size());
      }
    }
    boolean positive =
        curves.stream().allMatch(curve -> java.util.Arrays.stream(curve).allMatch(v -> v > 0));
    double[] all =
        curves.stream()
            .flatMapToDouble(java.util.Arrays::stream)
            .map(value -> positive ? Math.log10(value) : value)
            .toArray();
    Scale x = new Scale(0, steps, 60, WIDTH - 12);
    Scale y = Scale.around(all, HEIGHT - 44, 34);
    DoubleFunction<String> yText = value -> positive ? exact(Math.pow(10, value)) : exact(value);
    new Plot(x, y).frame(svg, "step", positive ? "loss (logarithmic)" : "loss", Svg::number, yText);
    Labels labels = new Labels(x.from(), 20, WIDTH, y.from());
    for (int c = 0; c < curves.size(); c++) {
      double[] curve = curves.get(c);
      double[] coordinates = new double[2 * curve.length];
      int own = losses.get(names.get(c)).size();
      for (int i = 0; i < curve.length; i++) {
        coordinates[2 * i] = x.at((i + 0.5) * own / curve.length);
        coordinates[2 * i + 1] = y.at(positive ? Math.log10(curve[i]) : curve[i]);
      }
      svg.path("curve series" + c, coordinates);
      int end = coordinates.length - 2;
      labels.write(
          svg,
          "name",
          coordinates[end],
          coordinates[end + 1],
          4,
          DamageScatter.cut(names.get(c), 24));
    }
    return svg.finish();
  }

  private static String exact(double value) {
    return String.format(java.util.Locale.ROOT, "%.2g", value);
  }

  private static double[] smooth(List<Double> values) {
    List<Double> finite = values.stream().filter(Double::isFinite).toList();
    int count = Math.min(MOST, finite.size());
    double[] means = new double[count];
    for (int i = 0; i < count; i++) {
      means[i] =
          finite.subList(i * finite.size() / count, (i + 1) * finite.size() / count).stream()
              .mapToDouble(Double::doubleValue)
              .average()
              .orElseThrow();
    }
    return means;
  }
}
