// The style's colours can be read, in light and in dark.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReportStyleTest {
  private static final Pattern ROOT = Pattern.compile(":root \\{([^}]*)\\}");
  private static final Pattern COLOUR = Pattern.compile("--(\\w+): #([0-9a-f]{6});");

  /** WCAG 2.2, level AA: 4.5 for text, 3 for what is drawn. */
  @Test
  void contrastsAreThoseThatTheGuidelinesAskFor() throws IOException {
    String style;
    try (InputStream stream = ReportPage.class.getResourceAsStream("report.css")) {
      style = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
    Matcher roots = ROOT.matcher(style);
    int schemes = 0;
    while (schemes < 2 && roots.find()) {
      Map<String, Integer> colours = new HashMap<>();
      Matcher found = COLOUR.matcher(roots.group(1));
      while (found.find()) {
        colours.put(found.group(1), Integer.parseInt(found.group(2), 16));
      }
      for (String paper : List.of("paper", "card", "faint")) {
        for (String ink : List.of("ink", "soft", "good", "bad", "warn", "after")) {
          holds(colours, ink, paper, 4.5);
        }
        holds(colours, "before", paper, 3);
        for (int series = 0; series < 8; series++) {
          holds(colours, "s" + series, paper, 3);
        }
      }
      schemes++;
    }
    assertEquals(2, schemes, "a light and a dark scheme");
  }

  private static void holds(Map<String, Integer> colours, String ink, String paper, double least) {
    double a = luminance(colours.get(ink));
    double b = luminance(colours.get(paper));
    double contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    assertTrue(contrast >= least, ink + " on " + paper + ": " + contrast);
  }

  private static double luminance(int rgb) {
    return 0.2126 * linear(rgb >> 16 & 0xff)
        + 0.7152 * linear(rgb >> 8 & 0xff)
        + 0.0722 * linear(rgb & 0xff);
  }

  private static double linear(int value) {
    double v = value / 255.0;
    return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
  }
}
