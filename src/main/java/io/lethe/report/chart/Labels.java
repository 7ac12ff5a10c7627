// Where names stand beside points, so that none covers another.
package io.lethe.report.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * Places labels one after another and leaves out those that find no room; the widths are estimates,
 * since nothing here knows the reader's font.
 */
final class Labels {
  private static final double LETTER = 6.3;
  private static final double HEIGHT = 13;

  private record Box(double left, double top, double right, double bottom) {
    boolean meets(Box other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
  }

  private final Box room;
  private final List<Box> taken = new ArrayList<>();

  Labels(double left, double top, double right, double bottom) {
    room = new Box(left, top, right, bottom);
  }

  /** Keeps labels off a point. */
  void avoid(double x, double y, double radius) {
    taken.add(new Box(x - radius, y - radius, x + radius, y + radius));
  }

  /** Keeps labels off a rectangle, such as a line. */
  void avoid(double left, double top, double right, double bottom) {
    taken.add(new Box(left, top, right, bottom));
  }

  /** Writes lines beside a point where there is room: right, left, above or below. */
  boolean write(Svg svg, String styleClass, double x, double y, double gap, String... lines) {
    return write(svg, styleClass, x, y, gap, false, lines);
  }

  /** Writes lines beside a point where they stay on the chart, whatever else is there. */
  boolean writeOver(Svg svg, String styleClass, double x, double y, double gap, String... lines) {
    return write(svg, styleClass, x, y, gap, true, lines);
  }

  private boolean write(
      Svg svg, String styleClass, double x, double y, double gap, boolean over, String... lines) {
    int longest = 0;
    for (String line : lines) {
      longest = Math.max(longest, line.length());
    }
    double width = longest * LETTER;
    double height = lines.length * HEIGHT;
    double[][] places = {
      {x + gap, y - height / 2}, {x - gap - width, y - height / 2},
      {x - width / 2, y - gap - height}, {x - width / 2, y + gap},
      {x + gap, y - gap - height}, {x - gap - width, y - gap - height},
      {x + gap, y + gap}, {x - gap - width, y + gap}
    };
    for (double[] place : places) {
      Box box = new Box(place[0], place[1], place[0] + width, place[1] + height);
      boolean inside =
          box.left >= room.left
              && box.right <= room.right
              && box.top >= room.top
              && box.bottom <= room.bottom;
      if (inside && (over || taken.stream().noneMatch(box::meets))) {
        taken.add(box);
        // Estimated widths are a little too wide: the text keeps to the point's side of its box.
        boolean left = box.right <= x;
        boolean centred = !left && box.left < x;
        double at = left ? box.right : centred ? x : box.left;
        String anchor = left ? "end" : centred ? "middle" : "start";
        for (int i = 0; i < lines.length; i++) {
          String style = i == 0 ? styleClass : styleClass + " faint";
          svg.text(style, at, box.top + HEIGHT * (i + 0.78), anchor, lines[i]);
        }
        return true;
      }
    }
    return false;
  }
}
