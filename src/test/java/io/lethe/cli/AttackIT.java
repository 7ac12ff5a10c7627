// ./lethe attack as a user meets it: a short run, and Ctrl-C in the middle of a long one.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.report.PictureReader;
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

class AttackIT {
  private static final Path MODEL = LetheProcess.HOME.resolve("src/main/models/emoji-sd");

  @TempDir Path folder;

  private LetheProcess attack(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("attack", "--model=" + MODEL, "--concept=owl", "--restarts=2", "--pictures=2"));
    arguments.addAll(List.of(more));
    return LetheProcess.start(folder, arguments);
  }

  private List<String> left(Path where) throws IOException {
    try (Stream<Path> files = Files.list(where)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith(LetheProcess.LOG))
          .sorted()
          .toList();
    }
  }

  @Test
  void aShortAttackWritesItsFiles() throws Exception {
    LetheProcess process =
        attack("--steps=2", "--batch=2", "--count=4", "--drawing-steps=3", "--json");
    assertEquals(0, process.await(), process.err());
    Path out = folder.resolve("out/attack-owl-1");
    assertEquals(List.of("attack.json", "attack.png", "embedding.safetensors"), left(out));
    JsonNode printed = new JsonMapper().readTree(process.out());
    assertEquals(new JsonMapper().readTree(Files.readString(out.resolve("attack.json"))), printed);
    assertTrue(printed.path("measured").path("seconds").asDouble() > 0);
    assertTrue(PictureReader.read(out.resolve("attack.png")).width() > 8 * 64);
    assertTrue(process.err().contains("UNet passes"), process.err());
  }

  @Test
  void controlCLeavesNothingBehind() throws Exception {
    LetheProcess process = attack("--steps=100000", "--count=1", "--drawing-steps=1", "--out=o");
    while (left(folder).isEmpty()) {
      Thread.sleep(20);
    }
    Thread.sleep(700);
    process.interrupt();
    assertEquals(130, process.await(), process.err());
    assertTrue(process.err().contains("interrupted"), process.err());
    assertEquals(List.of(), left(folder));
  }
}
