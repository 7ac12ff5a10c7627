// lethe evaluate on the bundled model, which has forgotten nothing.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvaluateCommandTest {
  private static final String MODEL = "--model=src/main/models/emoji-sd";

  @TempDir Path folder;

  @Test
  void figuresAndFilesOfAModelThatForgotNothing() throws IOException {
    Path out = folder.resolve("scores");
    CommandRun run =
        CommandRun.good(
            "evaluate",
            MODEL,
            "--erased=lion",
            "--kept=owl",
            "--kept=taxi",
            "--kept=strawberry",
            "--images=4",
            "--kept-images=1",
            "--steps=10",
            "--json",
            "--out=" + out);
    JsonNode summary = new JsonMapper().readTree(out.resolve("summary.json").toFile());
    assertEquals(summary, run.json());
    assertEquals(0, summary.at("/metrics/esr1/value").asDouble());
    assertEquals(1, summary.at("/metrics/psr1/value").asDouble());
    assertEquals(4, summary.at("/metrics/esr1/prompts").asInt());
    assertEquals(264, summary.path("labels").asInt());
    assertTrue(summary.path("judge").asString().startsWith("emoji-clip sha256:"));
    assertEquals(summary.path("base"), summary.path("erased_model"));
    assertEquals(1 + 2 * 7, Files.readAllLines(out.resolve("scores.csv")).size());
    assertTrue(Files.size(out.resolve("before-after.png")) > 10_000);
  }

  @Test
  void ownLabelsAndForms() throws IOException {
    Path labels = Files.writeString(folder.resolve("labels.txt"), "lion\nowl\ntaxi\n");
    Path forms = Files.writeString(folder.resolve("forms.txt"), "an emoji of a {}\n");
    Path out = folder.resolve("scores");
    CommandRun run =
        CommandRun.good(
            "evaluate",
            MODEL,
            "--erased=lion",
            "--labels=" + labels,
            "--templates=" + forms,
            "--images=1",
            "--kept-images=1",
            "--steps=4",
            "--out=" + out);
    assertTrue(run.out().contains("ESR-1"), run.out());
    JsonNode summary = new JsonMapper().readTree(out.resolve("summary.json").toFile());
    assertEquals(3, summary.path("labels").asInt());
    assertEquals(3, summary.path("concepts").size());
  }

  @Test
  void mistakesLeaveNothingBehind() throws IOException {
    refused(List.of("no label", "did you mean \"lion\""), "--erased=lino");
    refused(List.of("both erased and kept"), "--erased=lion", "--kept=lion");
    refused(List.of("--erased is blank"), "--erased= ");
    refused(List.of("--judge", "no folder"), "--erased=lion", "--judge=/no/such");
    refused(List.of("no label", "\"zeppelin\""), "--erased=lion", "--kept=zeppelin");
    refused(List.of("pictures of each erased concept"), "--erased=lion", "--images=0");
    refused(List.of("without a clip"), "--erased=lion", "--judge=src/main/models/emoji-sd");
    refused(List.of("no file"), "--erased=lion", "--labels=/no/such");
    Files.createDirectory(folder.resolve("o"));
    refused(List.of("exists already"), "--erased=lion");
    Files.delete(folder.resolve("o"));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  private void refused(List<String> words, String... options) {
    List<String> arguments = new ArrayList<>(List.of("evaluate", MODEL));
    arguments.addAll(List.of(options));
    arguments.add("--out=" + folder.resolve("o"));
    CommandRun.refused(words, arguments.toArray(String[]::new));
  }
}
