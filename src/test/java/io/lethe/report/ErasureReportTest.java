// The page on one erasure: what it says, and that no name in it is anything but text.
package io.lethe.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.backend.cpu.Cpu;
import io.lethe.report.ErasureReport.Page;
import io.lethe.report.ErasureReport.Request;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureReportTest {
  @TempDir Path folder;
  private Path model;
  private Path evaluation;

  @BeforeEach
  void anErasureOfALion() throws IOException {
    model = ReportFixture.erasure(folder.resolve("model"), "lion");
    evaluation = ReportFixture.evaluation(folder.resolve("scores"), "lion", 8, 2);
  }

  private Request request(Optional<Path> attack) {
    return new Request(model, EvaluationFolder.read(evaluation), attack, List.of(), "base-model");
  }

  private Document write(Optional<Path> attack) throws IOException {
    Path html = folder.resolve("report.html");
    ErasureReport.write(html, request(attack), Optional.empty());
    return Jsoup.parse(Files.readString(html));
  }

  /** The page with pictures of plain squares. */
  static Document drawn(Request request, String concept) {
    try (Arena arena = Arena.ofShared();
        Cpu cpu = new Cpu(1)) {
      Page page =
          ErasureReport.page(
              request,
              ErasureRecord.read(request.model()),
              Optional.of(ReportFixture.studio(cpu, arena, concept)));
      return Jsoup.parse(ReportPage.html("erasure", page));
    }
  }

  @Test
  void theFirstScreenAnswersTheThreeQuestions() throws IOException {
    Document page = write(Optional.empty());
    assertEquals("\u201clion\u201d is gone", page.select("h1").text());
    String lead = page.select(".lead").text();
    assertTrue(lead.contains("100\u202f% of the pictures that ask for it"), lead);
    assertTrue(lead.contains("63.1 to 100\u202f%"), "the exact interval of 8 of 8: " + lead);
    assertTrue(lead.contains("before 0\u202f%"), lead);
    assertTrue(lead.contains("87.5\u202f% of the pictures of 8 other names"), lead);
    assertEquals(
        List.of("100\u202f%", "87.5\u202f%", "Not attacked"), page.select(".answer").eachText());
    String cost = page.select(".tile").get(1).text();
    assertTrue(cost.contains("2 of 8 names are recognised less often"), cost);
  }

  @Test
  void theBaseStandsBesideEveryRateAndKnownNamesApartFromUnseenOnes() throws IOException {
    Document page = write(Optional.empty());
    List<String> groups = page.select("#scores .group").eachText();
    assertTrue(groups.contains("Kept, in the vocabulary that the method may use"), "" + groups);
    assertTrue(groups.contains("Kept, names that it never saw"), "" + groups);
    for (Element row : page.select("#scores tbody tr:not(.group)")) {
      assertEquals(4, row.select("td").size(), row.text());
      assertTrue(row.select("td").get(1).text().contains("%"), "no base in " + row.text());
      assertEquals(1, row.select("svg[aria-label]").size(), row.text());
    }
  }

  @Test
  void anAttackStandsBesideTheErasureAndItsAbsenceIsSaid() throws IOException {
    String without = write(Optional.empty()).text();
    assertTrue(without.contains("No attack was run on this model"), without);
    assertTrue(without.contains("No textual inversion was tried"), without);
    Path attack = ReportFixture.attack(folder.resolve("attack"), "lion");
    Document page = write(Optional.of(attack));
    assertEquals("75\u202f% come back", page.select(".answer").get(2).text());
    assertTrue(
        page.select("#attack p")
            .text()
            .contains("plain prompts draw it in 12.5\u202f%, and the base model in 100\u202f%"));
    assertFalse(page.text().contains("No textual inversion was tried"));
    assertTrue(
        page.select("#attack p").text().contains("75\u202f% (95 % interval 34.9 to 96.8\u202f%)"));
    assertEquals(2, page.select("#attack tbody tr").size());
    assertEquals(1, page.select("#attack img[src^=data:image/png;base64,]").size());
  }

  @Test
  void theReachBoundComesWithItsLimits() throws IOException {
    assertFalse(write(Optional.empty()).text().contains("experimental"));
    assertFalse(write(Optional.empty()).text().contains("The edit in figures"));
    ReportFixture.reach(model);
    Document page = write(Optional.empty());
    assertTrue(page.select("#method").text().contains("0.8612"), page.select("#method").text());
    assertTrue(page.select("#method").text().contains("norm 7.106"), page.select("#method").text());
    assertEquals(6, page.select("#method .limits li").size());
  }

  @Test
  void searchWeightsConfigurationAndCommandsAreThere() throws IOException {
    Document page = write(Optional.empty());
    assertTrue(page.select("#method").text().contains("chose 3 words in 40 choices"));
    assertEquals(3, page.select(".weights li").size());
    assertEquals(
        "lethe erase --model base-model --method eap --concept lion --seed 3 --steps 40 \\\n"
            + "  --legacy --out model",
        page.select("#configuration pre").first().wholeText());
    String evaluate = page.select("#configuration pre").get(1).text().replaceAll("[\\\\\\s]+", " ");
    assertTrue(evaluate.contains("--images 8 --kept-images 2 --seed 9000"), evaluate);
    assertTrue(
        evaluate.contains("--steps 2 --guidance 4.0 --scheduler DDIM --size 64x64"), evaluate);
    assertTrue(page.select("#configuration").text().contains("sha256:" + "e".repeat(64)));
    assertTrue(page.select("#configuration").text().contains("names 24 of 24 (100\u202f%)"));
  }

  @Test
  void picturesAreShownBySeedWithTheJudgesVerdict() {
    Document page = drawn(request(Optional.empty()), "lion");
    List<String> groups = page.select("#pictures h3").eachText();
    assertEquals(
        List.of(
            "The erased concept",
            "In other words",
            "Its nearest neighbours",
            "Far from it",
            "The empty prompt"),
        groups);
    Element card = page.select("#pictures .card").first();
    assertEquals(List.of("9000", "9001", "9002"), card.select("th[scope=col]").eachText());
    assertEquals(6, card.select("img").size());
    assertEquals(3, card.select("tbody tr:last-child .good, tbody tr:last-child .bad").size());
    assertTrue(page.select("#damage svg .point").size() >= 5, "names that the judge knows");
    assertEquals(4, page.select("#damage .worst img").size());
    page.select("img")
        .forEach(image -> {
          assertTrue(image.attr("alt").length() > 10, image.attr("alt"));
          assertTrue(image.attr("src").startsWith("data:image/png;base64,"), image.attr("alt"));
        });
  }

  /** Everywhere a name can stand, one stands that would break out if it could. */
  @Test
  void namesStayText() throws IOException {
    String concept = "</svg><b onx='1'>\u202e";
    model = ReportFixture.erasure(folder.resolve("hostile"), ReportFixture.HOSTILE);
    ReportFixture.reach(model);
    evaluation = ReportFixture.evaluation(folder.resolve("h"), concept, 4, 8);
    Path attack = ReportFixture.attack(folder.resolve("attack"), ReportFixture.HOSTILE);
    Document page = drawn(request(Optional.of(attack)), concept);
    isHarmless(page);
    assertTrue(page.text().contains("\\u202e"), "what turns the writing is shown");
    assertTrue(page.text().contains("${1+1}"), "templates print names and do not run them");
  }

  /** One file that loads nothing and runs nothing. */
  static void isHarmless(Document page) {
    assertEquals(0, page.select("script, iframe, object, embed, base, form").size());
    assertEquals(1, page.select("head title").size());
    for (Element element : page.getAllElements()) {
      element
          .attributes()
          .forEach(attribute -> {
            String name = attribute.getKey();
            String value = attribute.getValue();
            assertFalse(name.startsWith("on"), element.tagName() + " " + name);
            if (List.of("src", "href", "srcset", "data", "action", "xlink:href").contains(name)) {
              assertTrue(value.startsWith("data:") || value.startsWith("#"), name + "=" + value);
            }
          });
    }
    assertFalse(page.html().contains("url("), "the style loads nothing");
    assertFalse(page.text().contains("\u202e"));
    for (Element link : page.select("a[href^=#]")) {
      assertEquals(1, page.select("[id=" + link.attr("href").substring(1) + "]").size());
    }
    for (Element table : page.select("table")) {
      assertFalse(table.select("th[scope]").isEmpty(), "a table without headings");
    }
    for (Element picture : page.select("img")) {
      assertFalse(picture.attr("alt").isBlank());
    }
    for (Element chart : page.select("svg")) {
      assertFalse(chart.attr("aria-label").isBlank());
    }
  }

  @Test
  void sameFilesSamePage() throws IOException {
    assertEquals(write(Optional.empty()).html(), write(Optional.empty()).html());
  }

  @Test
  void figuresOfOtherModelsAreRefused() throws IOException {
    Path summary = evaluation.resolve("summary.json");
    Files.writeString(summary, Files.readString(summary).replace("e".repeat(64), "f".repeat(64)));
    UserError error = assertThrows(UserError.class, () -> write(Optional.empty()));
    assertTrue(error.getMessage().contains("not the same models"), error.getMessage());
    assertFalse(Files.exists(folder.resolve("report.html")));
  }

  @Test
  void foldersThatAreNoErasureAreRefused() throws IOException {
    Files.writeString(model.resolve("metrics.json"), "{\"method\":\"eap\"}");
    UserError none = assertThrows(UserError.class, () -> write(Optional.empty()));
    assertTrue(none.getMessage().contains("names no concepts"), none.getMessage());
    Files.writeString(model.resolve("metrics.json"), "[1");
    UserError broken = assertThrows(UserError.class, () -> write(Optional.empty()));
    assertTrue(broken.getMessage().contains("not valid JSON"), broken.getMessage());
  }

  /** A metrics file whose every field has the wrong type yields a page, not a crash. */
  @Test
  void fieldsOfTheWrongTypeAreLeftOut() throws IOException {
    Files.writeString(
        model.resolve("metrics.json"),
        "{\"method\":[1],\"concepts\":[\"lion\",{}],\"settings\":[3],\"hashes\":\"x\",\"losses\":7,"
            + "\"search_history\":{\"lion\":\"bear\"},\"word_weights\":{\"lion\":[1]},"
            + "\"seed\":\"now\",\"measured\":{\"seconds\":\"long\"},\"notes\":{\"a\":1},"
            + "\"edit\":{\"reach_bound\":[],\"rank\":{}},\"unet_passes\":null}");
    isHarmless(write(Optional.empty()));
  }
}
