// lethe erase: what is refused before it starts, and what it says that it will cost.
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

class EraseCommandTest {
  @TempDir Path folder;

  @Test
  void aDryRunSaysTheCostAndWritesNothing() throws IOException {
    for (String method : List.of("eap", "esd", "few-shot")) {
      CommandRun run =
          CommandRun.good(
              "erase", "--method=" + method, "--dry-run", "--out=" + folder.resolve("o"));
      assertTrue(run.out().contains("UNet passes"), run.out());
      assertTrue(run.out().contains("of memory"), run.out());
      assertTrue(run.out().contains("on disk"), run.out());
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void mistakesAreNamedAndLeaveNothingBehind() throws IOException {
    refused(List.of("--concept is blank"), "--concept= ");
    refused(List.of("longer than the model's context"), "--concept=" + "owl ".repeat(40));
    refused(List.of("no method 'magic'", "known"), "--method=magic");
    refused(List.of("--seed is -1"), "--seed=-1");
    refused(List.of("--dtype", "F32, F16, BF16"), "--dtype=int4");
    refused(List.of("--steps"), "--steps=0");
    refused(List.of("--steps"), "--steps=few");
    refused(List.of("parameter group 'everything'", "known"), "--selector=everything");
    refused(List.of("--vocabulary", "no file"), "--vocabulary=/no/such");
    refused(List.of("--images"), "--images=/no/such", "--method=few-shot");
    refused(List.of("no folder", "model_index.json"), "--model=/no/such");
    refused(List.of("--judge", "no folder"), "--judge=/no/such");
    refused(List.of("no option \"--concpt\"", "--concept"), "--concpt=lion");
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void aFolderThatExistsIsLeftAlone() throws IOException {
    Path out = Files.createDirectory(folder.resolve("o"));
    Path mine = Files.writeString(out.resolve("mine"), "mine");
    refused(List.of("exists already"), "--concept=owl");
    assertEquals("mine", Files.readString(mine));
  }

  private void refused(List<String> words, String... options) {
    List<String> arguments = new ArrayList<>(List.of("erase", "--no-evaluation"));
    arguments.addAll(List.of(options));
    arguments.add("--out=" + folder.resolve("o"));
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
    assertEquals(2, run.status(), arguments + ": " + run.err());
    assertEquals(1, run.complaints(), run.err());
    words.forEach(word -> assertTrue(run.err().contains(word), run.err()));
  }
}
