// lethe attack: what is refused before it starts, and what it says that it will cost.
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

class AttackCommandTest {
  private static final Path MODEL = Path.of("src/main/models/emoji-sd");

  @TempDir Path folder;

  @Test
  void aDryRunSaysTheCostAndWritesNothing() throws IOException {
    for (String embedding : List.of("word", "context")) {
      CommandRun run =
          CommandRun.good(
              "attack",
              "--model=" + MODEL,
              "--concept=lion",
              "--embedding=" + embedding,
              "--dry-run",
              "--out=" + folder.resolve("o"));
      assertTrue(run.out().contains("UNet passes"), run.out());
      assertTrue(run.out().contains("of memory"), run.out());
    }
    assertEquals(List.of(), left());
  }

  @Test
  void mistakesAreNamedAndLeaveNothingBehind() throws IOException {
    refused(List.of("no label \"lino\"", "did you mean \"lion\""), "--concept=lino");
    refused(List.of("--concept is blank"), "--concept= ");
    refused(List.of("longer than the model's context"), "--concept=" + "owl ".repeat(40));
    refused(List.of("no attack 'magic'", "textual-inversion"), "--concept=owl", "--method=magic");
    refused(List.of("'words' is neither word nor context"), "--concept=owl", "--embedding=words");
    refused(List.of("--steps is -1"), "--concept=owl", "--steps=-1");
    refused(List.of("--restarts is 0"), "--concept=owl", "--restarts=0");
    refused(List.of("--lr is -0.1"), "--concept=owl", "--lr=-0.1");
    refused(List.of("--seed is -1"), "--concept=owl", "--seed=-1");
    refused(List.of("--images"), "--concept=owl", "--images=/no/such");
    refused(List.of("--images: no .png"), "--concept=owl", "--images=" + folder);
    refused(List.of("--base", "no folder"), "--concept=owl", "--base=/no/such");
    refused(List.of("--judge", "no folder"), "--concept=owl", "--judge=/no/such");
    refused(List.of("--labels", "no file"), "--concept=owl", "--labels=/no/such");
    refused(List.of("no option \"--step\"", "--steps"), "--concept=owl", "--step=3");
    assertEquals(List.of(), left());
  }

  @Test
  void aFolderThatExistsIsLeftAlone() throws IOException {
    Path mine = Files.writeString(Files.createDirectory(folder.resolve("o")).resolve("m"), "mine");
    refused(List.of("exists already"), "--concept=owl");
    assertEquals("mine", Files.readString(mine));
  }

  /** Eight heads instead of four fit the same weights, and make another model. */
  @Test
  void aModelWithAnotherTextEncoderIsNoEdit() throws IOException {
    Path other = folder.resolve("other");
    try (Stream<Path> files = Files.walk(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, other.resolve(MODEL.relativize(file)));
      }
    }
    Path config = other.resolve("text_encoder/config.json");
    String text = Files.readString(config);
    String changed = text.replace("\"num_attention_heads\": 4", "\"num_attention_heads\": 8");
    assertTrue(!changed.equals(text), text);
    Files.writeString(config, changed);
    CommandRun run =
        CommandRun.refused(
            List.of("no edit of", "another text encoder", "--base"),
            "attack",
            "--model=" + other,
            "--concept=owl",
            "--out=" + folder.resolve("o"));
    assertEquals("", run.out());
    assertEquals(List.of("other"), left());
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void refused(List<String> words, String... options) {
    List<String> arguments = new ArrayList<>(List.of("attack", "--model=" + MODEL));
    arguments.addAll(List.of(options));
    arguments.add("--out=" + folder.resolve("o"));
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
    assertEquals(2, run.status(), arguments + ": " + run.err());
    assertEquals(1, run.complaints(), run.err());
    words.forEach(word -> assertTrue(run.err().contains(word), run.err()));
  }
}
