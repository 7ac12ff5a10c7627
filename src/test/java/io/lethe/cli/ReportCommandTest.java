// lethe report from the command line: with the bundled model as its own "edited" copy.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  private static final Path BUNDLED = Path.of("src/main/models/emoji-sd");

  @TempDir Path folder;
  private Path model;

  /** A model that claims to have forgotten the lion and has not. */
  @BeforeEach
  void aModelThatForgotNothing() throws IOException {
    model = folder.resolve("model");
    try (Stream<Path> files = Files.walk(BUNDLED)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(BUNDLED.relativize(file).toString()));
      }
    }
    Files.writeString(
        model.resolve("metrics.json"), "{\"method\":\"none\",\"concepts\":[\"lion\"]}");
  }

  @Test
  void drawsAndJudgesWhatIsMissing() throws IOException {
    Path html = folder.resolve("lion.html");
    CommandRun run =
        CommandRun.good(
            "report",
            "--model=" + model,
            "--kept=owl",
            "--kept=taxi",
            "--images=2",
            "--kept-images=1",
            "--steps=3",
            "--synonym=big cat",
            "--json",
            "--out=" + html);
    assertEquals(html.toString(), run.json().path("report").asString());
    Document page = Jsoup.parse(Files.readString(html));
    assertEquals("\u201clion\u201d is still there", page.select("h1").text());
    assertTrue(page.select("#pictures").text().contains("\u201cbig cat\u201d"));
    // What was drawn once for both models is the same picture.
    String before = page.select("#pictures tbody tr:first-child img").first().attr("src");
    String after = page.select("#pictures tbody tr:last-child img").first().attr("src");
    assertEquals(before, after);
    assertTrue(page.select("#configuration").text().contains("3 steps"));
    assertTrue(page.text().contains("No kept name lost anything"));
  }

  @Test
  void anEvaluationThatIsThereIsNotMadeAgain() throws IOException {
    Path scores = folder.resolve("scores");
    CommandRun.good(
        "evaluate",
        "--model=" + model,
        "--erased=lion",
        "--kept=owl",
        "--images=2",
        "--kept-images=1",
        "--steps=3",
        "--out=" + scores);
    Path html = folder.resolve("lion.html");
    CommandRun run =
        CommandRun.good(
            "report",
            "--model=" + model,
            "--evaluation=" + scores,
            "--no-pictures",
            "--out=" + html);
    assertTrue(run.out().contains("written to"), run.out());
    assertTrue(Jsoup.parse(Files.readString(html)).text().contains("2 pictures"));
  }

  @Test
  void mistakesLeaveNothingBehind() throws IOException {
    refused(List.of("either --model or --comparison"));
    refused(List.of("either"), "--model=" + model, "--comparison=" + folder);
    refused(List.of("--model", "no folder"), "--model=/no/such");
    refused(List.of("no comparison.json"), "--comparison=" + folder, "--no-pictures");
    refused(List.of("--no-pictures"), "--model=" + model, "--no-pictures");
    refused(List.of("metrics.json"), "--model=" + BUNDLED);
    refused(List.of("--judge"), "--model=" + model, "--judge=/no/such");
    refused(
        List.of("no file", "summary.json"),
        "--model=" + model,
        "--evaluation=" + folder,
        "--no-pictures");
    refused(
        List.of("attack.json"), "--model=" + model, "--attack=" + folder, "--evaluation=/no/such");
    refused(List.of("--synonym is blank"), "--model=" + model, "--synonym= ");
    assertFalse(Files.exists(folder.resolve("o.html")));
    Files.writeString(folder.resolve("o.html"), "mine");
    refused(List.of("exists already"), "--model=" + model);
    assertEquals("mine", Files.readString(folder.resolve("o.html")));
  }

  private void refused(List<String> words, String... options) {
    Stream<String> arguments =
        Stream.concat(Stream.of("report", "--out=" + folder.resolve("o.html")), Stream.of(options));
    CommandRun.refused(words, arguments.toArray(String[]::new));
  }
}
