// Charts: marks stand where their values are, names are text, labels keep apart.
package io.lethe.report.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.report.chart.DamageScatter.Point;
import io.lethe.report.chart.ParetoChart.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.jsoup.select.Elements;
import org.junit.jupiter.api.Test;

class ChartTest {
  private static final String HOSTILE = "</svg><script>\"'&\u0000\ud800";

  private static Element parse(String svg) {
    return Jsoup.parse(svg, "", Parser.xmlParser()).selectFirst("svg");
  }

  private static Method method(String name, double erasure, double preservation) {
    return new Method(
        name,
        "1 s",
        erasure,
        erasure - 0.02,
        erasure + 0.01,
        preservation,
        preservation - 0.02,
        preservation + 0.01,
        List.of(new ParetoChart.Cell(name + " 1", erasure, preservation)));
  }

  @Test
  void anIntervalLiesBetweenItsEnds() {
    Element bar = parse(IntervalBar.draw(0.5, 0.25, 0.75, 1, "half"));
    assertEquals("half", bar.attr("aria-label"));
    Element interval = bar.selectFirst(".interval");
    Element dot = bar.selectFirst(".dot");
    Element ring = bar.selectFirst(".ring");
    assertEquals(6 + 0.25 * 188, number(interval, "x"), 0.01);
    assertEquals(0.5 * 188, number(interval, "width"), 0.01);
    assertEquals(100, number(dot, "cx"), 0.01);
    assertEquals(194, number(ring, "cx"), 0.01);
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.attr(attribute));
  }

  @Test
  void namesAreText() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      points.add(new Point(HOSTILE + i, i / 10.0, 0.4 - i / 30.0, i % 2 == 0));
    }
    List<String> charts =
        List.of(
            DamageScatter.draw(points, HOSTILE, HOSTILE),
            SearchTimeline.draw(List.of(HOSTILE, "owl", HOSTILE), HOSTILE),
            LossChart.draw(Map.of(HOSTILE, List.of(3.0, 2.0, 1.0)), HOSTILE),
            ParetoChart.draw(List.of(method(HOSTILE, 0.9, 0.9)), 1, HOSTILE),
            IntervalBar.draw(1, 1, 1, 1, HOSTILE));
    for (String chart : charts) {
      Element svg = parse(chart);
      assertEquals(0, svg.select("script").size(), chart);
      assertEquals(1, svg.root().select("svg").size(), chart);
      assertTrue(svg.attr("aria-label").startsWith("</svg><script>\"'&\\u0000\\ud800"), chart);
      assertTrue(chart.endsWith("</svg>"), chart);
      assertTrue(chart.chars().allMatch(c -> c >= ' ' || c == '\n'), "control characters");
    }
  }

  @Test
  void theFrontIsWhatNoOtherBeats() {
    List<Method> methods =
        List.of(
            method("a", 0.9, 0.9),
            method("b", 0.95, 0.8),
            method("c", 0.9, 0.85),
            method("d", 0.5, 0.99),
            method("e", 0.94, 0.8));
    assertEquals(
        List.of("d", "a", "b"), ParetoChart.front(methods).stream().map(Method::name).toList());
    Element svg = parse(ParetoChart.draw(methods, 1, "five methods"));
    assertEquals(5, svg.select(".method").size());
    assertEquals(5, svg.select(".cell").size());
    assertEquals(3, svg.selectFirst(".front").attr("points").split(" ").length);
    List<String> names = svg.select("text.name").eachText();
    assertTrue(
        names.containsAll(List.of("a", "b", "c", "d", "e")), "every method is named: " + names);
  }

  /** Twelve names at nearly one place: some are left out, none covers another. */
  @Test
  void labelsKeepApart() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      points.add(new Point("neighbour " + i, 0.5 + i * 0.001, 0.5 + i * 0.001, true));
    }
    points.add(new Point("far", 0.9, 0.0, false));
    Elements labels = parse(DamageScatter.draw(points, "", "crowded")).select("text.name");
    assertTrue(labels.size() >= 2, "at least two find room");
    for (int i = 0; i < labels.size(); i++) {
      for (int j = i + 1; j < labels.size(); j++) {
        double dx = Math.abs(number(labels.get(i), "x") - number(labels.get(j), "x"));
        double dy = Math.abs(number(labels.get(i), "y") - number(labels.get(j), "y"));
        assertTrue(dy >= 12.9 || dx >= 12, labels.get(i) + " meets " + labels.get(j));
      }
    }
  }

  @Test
  void aTimelineShowsEachWordsRuns() {
    List<String> history = List.of("bear", "bear", "owl", "bear", "owl", "owl");
    assertEquals("[bear, owl]", SearchTimeline.counts(history).keySet().toString());
    Element svg = parse(SearchTimeline.draw(history, "two words"));
    assertEquals(4, svg.select("rect.stroke").size());
    assertEquals("bear: choices 1 to 2", svg.selectFirst("rect.stroke title").text());
  }

  @Test
  void ticksAreRoundAndScalesHoldTheirEnds() {
    assertEquals(List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), rounded(new Scale(0, 1, 0, 10).ticks(5)));
    assertEquals(
        List.of(80.0, 85.0, 90.0, 95.0, 100.0), rounded(new Scale(78, 101, 0, 1).ticks(5)));
    Scale alike = Scale.around(new double[] {3, 3}, 0, 100);
    assertEquals(50, alike.at(3), 1e-9);
    assertEquals(100, alike.at(1e9), 1e-9);
    assertEquals("-1.5", Svg.number(-1.5));
    assertEquals("100", Svg.number(100));
    assertEquals("0", Svg.number(-0.001));
  }

  private static List<Double> rounded(List<Double> values) {
    return values.stream().map(value -> Math.rint(value * 1e9) / 1e9).toList();
  }

  @Test
  void lossesThatAreNoNumbersAreLeftOut() {
    Element svg =
        parse(LossChart.draw(Map.of("loss", List.of(1.0, Double.NaN, -1.0, 0.5)), "a loss"));
    for (String pair : svg.selectFirst(".curve").attr("points").split(" ")) {
      assertTrue(pair.matches("[0-9.]+,[0-9.]+"), pair);
    }
  }
}
