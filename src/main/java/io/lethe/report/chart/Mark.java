// The shapes that tell series apart, also without colours.
package io.lethe.report.chart;

/** A point of a chart. */
enum Mark {
  CIRCLE,
  SQUARE,
  TRIANGLE,
  DIAMOND,
  CROSS,
  DOWNWARD,
  PLUS,
  HEXAGON;

  static Mark of(int series) {
    return values()[Math.floorMod(series, values().length)];
  }

  /** Begins the shape around a centre; the caller may add a title and closes it. */
  Svg open(Svg svg, String styleClass, double x, double y, double r) {
    return switch (this) {
      case CIRCLE ->
          svg.open(
              "circle",
              "class",
              styleClass,
              "cx",
              Svg.number(x),
              "cy",
              Svg.number(y),
              "r",
              Svg.number(r));
      case SQUARE -> polygon(svg, styleClass, x, y, r * 0.9, -1, -1, 1, -1, 1, 1, -1, 1);
      case TRIANGLE -> polygon(svg, styleClass, x, y, r * 1.15, 0, -1, 1, 0.8, -1, 0.8);
      case DIAMOND -> polygon(svg, styleClass, x, y, r * 1.25, 0, -1, 1, 0, 0, 1, -1, 0);
      case CROSS -> turnedPlus(svg, styleClass, x, y, r);
      case DOWNWARD -> polygon(svg, styleClass, x, y, r * 1.15, 0, 1, 1, -0.8, -1, -0.8);
      case PLUS ->
          polygon(
              svg,
              styleClass,
              x,
              y,
              r * 0.38,
              -1,
              -3,
              1,
              -3,
              1,
              -1,
              3,
              -1,
              3,
              1,
              1,
              1,
              1,
              3,
              -1,
              3,
              -1,
              1,
              -3,
              1,
              -3,
              -1,
              -1,
              -1);
      case HEXAGON ->
          polygon(
              svg,
              styleClass,
              x,
              y,
              r * 1.1,
              -0.5,
              -0.87,
              0.5,
              -0.87,
              1,
              0,
              0.5,
              0.87,
              -0.5,
              0.87,
              -1,
              0);
    };
  }

  private static Svg turnedPlus(Svg svg, String styleClass, double x, double y, double r) {
    return polygon(
        svg,
        styleClass,
        x,
        y,
        r * 0.5,
        -2,
        -1,
        -1,
        -2,
        0,
        -1,
        1,
        -2,
        2,
        -1,
        1,
        0,
        2,
        1,
        1,
        2,
        0,
        1,
        -1,
        2,
        -2,
        1,
        -1,
        0);
  }

  private static Svg polygon(
      Svg svg, String styleClass, double x, double y, double r, double... corners) {
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < corners.length; i += 2) {
      points.append(Svg.number(x + r * corners[i])).append(',');
      points.append(Svg.number(y + r * corners[i + 1])).append(' ');
    }
    return svg.open("polygon", "class", styleClass, "points", points.toString().strip());
  }
}
