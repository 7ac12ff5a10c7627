// Which words were the adversaries, and when.
package io.lethe.report.chart;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One line a word, time to the right; a stroke where the search held the word hardest to keep. */
public final class SearchTimeline {
  private static final double WIDTH = 460;
  private static final double ROW = 20;
  private static final double LEFT = 126;
  private static final int WORDS = 12;

  private SearchTimeline() {}

  /** Counts of the words, the most frequent first; alike ones by name. */
  public static Map<String, Integer> counts(List<String> history) {
    Map<String, Integer> counts = new TreeMap<>();
    history.forEach(word -> counts.merge(word, 1, Integer::sum));
    Map<String, Integer> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
    return sorted;
  }

  /**
   * @param history the words that the search chose, in order; not empty
   */
  public static String draw(List<String> history, String description) {
    Map<String, Integer> counts = counts(history);
    int rows = Math.min(WORDS, counts.size());
    double height = 14 + rows * ROW + 34;
    Svg svg = new Svg(WIDTH, height, "chart", description);
    Scale x = new Scale(0, history.size(), LEFT, WIDTH - 44);
    int row = 0;
    for (Map.Entry<String, Integer> entry : counts.entrySet()) {
      if (row == rows) {
        break;
      }
      double top = 14 + row * ROW;
      svg.text("name", LEFT - 8, top + 13, "end", DamageScatter.cut(entry.getKey(), 18));
      svg.line("rail", x.from(), top + 9, x.to(), top + 9);
      strokes(svg, history, entry.getKey(), x, top);
      svg.text("tick", WIDTH - 2, top + 13, "end", entry.getValue() + "\u00d7");
      row++;
    }
    double bottom = 14 + rows * ROW + 14;
    svg.text("tick", x.from(), bottom, "start", "first choice");
    svg.text("tick", x.to(), bottom, "end", "choice " + history.size());
    return svg.finish();
  }

  private static void strokes(Svg svg, List<String> history, String word, Scale x, double top) {
    int from = 0;
    while (from < history.size()) {
      int to = from;
      while (to < history.size() && history.get(to).equals(word)) {
        to++;
      }
      if (to > from) {
        double width = Math.max(1.2, x.at(to) - x.at(from) - 0.4);
        svg.openRectangle("stroke", x.at(from), top + 3, width, 12)
            .title(word + ": choices " + (from + 1) + " to " + to)
            .close();
      }
      from = Math.max(to, from + 1);
    }
  }
}
