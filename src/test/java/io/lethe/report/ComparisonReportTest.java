// The page on a comparison, from folders as the cells leave them.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonReportTest {
  @TempDir Path folder;

  private Document write() throws IOException {
    Path html = folder.resolve("compare.html");
    ComparisonReport.write(ReportFixture.comparison(folder.resolve("grid")), html);
    return Jsoup.parse(Files.readString(html));
  }

  @Test
  void methodsStandBesideTheBaseInTheOrderAskedFor() throws IOException {
    Document page = write();
    List<Element> rows = page.select("#methods table").first().select("tbody tr");
    assertEquals(3, rows.size());
    assertTrue(rows.get(0).text().startsWith("base model"), rows.get(0).text());
    assertTrue(rows.get(0).text().contains("0\u202f% 0\u202f% 100\u202f% 100\u202f%"));
    assertTrue(rows.get(1).text().contains("2 judged, 1 failed"), rows.get(1).text());
    // Of 16 pictures of kept names, 12 and 11 are recognised after UCE's two erasures.
    assertTrue(rows.get(1).text().contains("71.9\u202f%"), rows.get(1).text());
    assertTrue(rows.get(1).text().contains("75\u202f% 0.4"), "the attack: " + rows.get(1).text());
    assertTrue(rows.get(2).text().startsWith("eap"), rows.get(2).text());
    assertTrue(rows.get(2).text().contains("95.8\u202f%"), rows.get(2).text());
    assertTrue(rows.get(2).text().contains("7,702"), rows.get(2).text());
  }

  @Test
  void theVerdictNamesTheBestAndHowSureThatIs() throws IOException {
    Document page = write();
    assertEquals("eap leads uce, not clearly", page.select("h1").text());
    String lead = page.select(".lead").text();
    // Paired over lion with seeds 0 and 1: 15 and 15 against 12 and 11 of 16.
    assertTrue(
        lead.contains("PSR-1 +21.9 (+18.8 to +25) points, paired over 2 cells: too few"), lead);
    assertTrue(page.select("#pareto svg").attr("aria-label").contains("Not beaten in both"));
    assertEquals(2, page.select("#pareto svg .method").size());
    assertEquals(5, page.select("#pareto svg .cell").size());
  }

  @Test
  void cellsThatFailedOrNeverRanAreNamed() throws IOException {
    Document page = write();
    assertEquals(7, page.select("#cells tbody tr").size());
    assertEquals(1, page.select("#cells tbody tr.worse").size());
    assertTrue(page.select("#cells tbody tr.worse").text().contains("no such word"));
    assertTrue(page.select("#cells").text().contains("not run"));
    assertTrue(page.select("#methods").text().contains("Without a judged cell"));
    assertEquals(5, page.select("#pictures img").size(), "the sheets that the cells left");
  }

  /** Without its protocol a command would repeat another experiment. */
  @Test
  void theCommandRepeatsTheSameProtocol() throws IOException {
    String command =
        write().select("#configuration pre").first().text().replaceAll("[\\\\\\s]+", " ");
    assertTrue(command.startsWith("lethe compare --model emoji-sd --concepts 'lion,"), command);
    assertTrue(
        command.contains(
            "--kept 'an owl' --images 8 --kept-images 1 --evaluation-seed 9000 --steps 15 --out"),
        command);
  }

  @Test
  void namesStayText() throws IOException {
    ErasureReportTest.isHarmless(write());
  }

  @Test
  void foldersThatAreNoComparisonAreRefused() throws IOException {
    Path html = folder.resolve("x.html");
    UserError none = assertThrows(UserError.class, () -> ComparisonReport.write(folder, html));
    assertTrue(none.getMessage().contains("no comparison.json"), none.getMessage());
    Files.writeString(folder.resolve("comparison.json"), "{}");
    Files.createDirectory(folder.resolve("cells"));
    UserError empty = assertThrows(UserError.class, () -> ComparisonReport.write(folder, html));
    assertTrue(empty.getMessage().contains("no cell"), empty.getMessage());
  }
}
