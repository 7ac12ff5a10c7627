// Reports in a real browser: nothing overflows, nothing complains, every picture is a picture.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lethe.report.ErasureReport.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Runs where a Chromium is installed. With {@code -Dlethe.screenshots=DIR} it leaves pictures of
 * the pages there, for whoever works on their looks.
 */
class ReportBrowserTest {
  /** Elements that reach beyond the page's edge and do not scroll within it. */
  private static final String MEASURE =
      """
      (() => {
        const wide = document.documentElement.clientWidth;
        const beyond = [...document.body.querySelectorAll('*')]
          .filter(e => !e.closest('.scroll') && !e.closest('svg') &&
            (e.getBoundingClientRect().right > wide + 0.5 || e.getBoundingClientRect().left < -0.5))
          .map(e => e.tagName + '.' + e.className);
        const images = [...document.images];
        return {
          wide, scroll: document.documentElement.scrollWidth, beyond: beyond.slice(0, 5),
          images: images.length, broken: images.filter(i => !(i.naturalWidth > 0)).length,
          paper: getComputedStyle(document.body).backgroundColor
        };
      })()
      """;

  @TempDir Path folder;

  @Test
  void pagesFitPhonesAndScreensInLightAndDark() throws IOException {
    Optional<Path> program = Chromium.installed();
    assumeTrue(program.isPresent(), "no Chromium is installed, so no browser looked at the pages");
    Path erasure = folder.resolve("erasure.html");
    Path model = ReportFixture.erasure(folder.resolve("model"), "lion");
    ReportFixture.reach(model);
    EvaluationFolder evaluation =
        EvaluationFolder.read(ReportFixture.evaluation(folder.resolve("scores"), "lion", 7, 8));
    Path attack = ReportFixture.attack(folder.resolve("attack"), "lion");
    Request request =
        new Request(
            model,
            evaluation,
            Optional.of(attack),
            List.of(ReportFixture.LONG.substring(0, 70)),
            "base");
    ReportPage.write(erasure, ErasureReportTest.drawn(request, "lion").outerHtml());
    Path comparison = folder.resolve("comparison.html");
    ComparisonReport.write(ReportFixture.comparison(folder.resolve("grid")), comparison);
    try (Chromium browser = new Chromium(program.get(), folder.resolve("profile"))) {
      for (Path page : List.of(erasure, comparison)) {
        for (int width : new int[] {400, 1400}) {
          String paper = "";
          for (String scheme : List.of("light", "dark")) {
            browser.open(page, width, scheme);
            String place = page.getFileName() + " at " + width + ", " + scheme;
            JsonNode seen = browser.evaluate(MEASURE);
            assertEquals(width, seen.path("wide").asInt(), place);
            assertTrue(seen.path("scroll").asInt() <= width, place + " overflows: " + seen);
            assertEquals(0, seen.path("beyond").size(), place + ": " + seen.path("beyond"));
            assertTrue(seen.path("images").asInt() >= 5, place + ": " + seen);
            assertEquals(0, seen.path("broken").asInt(), place);
            assertTrue(!seen.path("paper").asString().equals(paper), place + " is not its own");
            paper = seen.path("paper").asString();
            screenshot(browser, page.getFileName() + "-" + width + "-" + scheme + ".png");
          }
        }
      }
      assertTrue(folded(browser) < 100, "on a screen what is long is folded away");
      browser.media("print", "light");
      assertTrue(folded(browser) > 150, "on paper it is not");
      assertEquals(List.of(), browser.complaints());
      assertTrue(
          browser.requests().stream()
              .allMatch(url -> url.startsWith("file:") || url.equals("about:blank")),
          "" + browser.requests());
    }
  }

  /** The height that the last folded part takes, in pixels. */
  private static double folded(Chromium browser) throws IOException {
    return browser
        .evaluate("[...document.querySelectorAll('details')].pop().offsetHeight")
        .asDouble();
  }

  private static void screenshot(Chromium browser, String name) throws IOException {
    String target = System.getProperty("lethe.screenshots");
    if (target != null) {
      browser.screenshot(Files.createDirectories(Path.of(target)).resolve(name));
    }
  }
}
