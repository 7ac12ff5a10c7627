// ./lethe as a user meets it: mistakes, interruptions, and what is left behind.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.weights.ModelFolder;
import io.lethe.weights.ModelFolderWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MistakesIT {
  private static final List<String> SHORT =
      List.of("--method=esd", "--steps=8", "--trajectories=1", "--batch=2", "--no-evaluation");

  @TempDir Path folder;

  private LetheProcess lethe(String... arguments) throws IOException {
    return LetheProcess.start(folder, List.of(arguments));
  }

  private LetheProcess erase(Path out, String... more) throws IOException {
    return LetheProcess.start(
        folder,
        Stream.of(List.of("erase", "--out=" + out), SHORT, List.of(more))
            .flatMap(List::stream)
            .toList());
  }

  private void refused(List<String> words, String... arguments) throws Exception {
    LetheProcess process = lethe(arguments);
    assertEquals(2, process.await(), process.err());
    assertEquals(1, process.complaints(), process.err());
    words.forEach(word -> assertTrue(process.err().contains(word), process.err()));
  }

  private List<String> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith(LetheProcess.LOG))
          .sorted()
          .toList();
    }
  }

  @Test
  void helpAndVersion() throws Exception {
    LetheProcess help = lethe("--help");
    assertEquals(0, help.await());
    assertTrue(help.out().contains("erase"), help.out());
    LetheProcess version = lethe("--version");
    assertEquals(0, version.await());
    assertTrue(version.out().matches("(?s)lethe \\d+\\.\\d+\\.\\d+.*"), version.out());
  }

  @Test
  void mistakesGetOneLineAndExitCodeTwo() throws Exception {
    Path there = Files.createDirectory(folder.resolve("there"));
    refused(List.of("--stesp", "--steps"), "erase", "--stesp=3");
    refused(List.of("blank"), "erase", "--concept=");
    refused(List.of("/no/such"), "erase", "--concept=owl", "--model=/no/such");
    refused(List.of("exists already"), "erase", "--out=" + there);
    refused(List.of("cannot be made"), "erase", "--out=/dev/null/here");
    refused(List.of("missing", "--out=DIR"), "evaluate", "--model=there", "--erased=owl");
    assertEquals(List.of("there"), left());
  }

  @Test
  void weightsThatAreNotNumbersAreFound() throws Exception {
    Path damaged = folder.resolve("damaged");
    try (Arena arena = Arena.ofShared()) {
      ModelFolder base =
          ModelFolder.open(LetheProcess.HOME.resolve("src/main/models/emoji-sd"), arena);
      String name = "mid_block.resnets.0.conv1.bias";
      float[] values = base.weights("unet").get(name).toFloats();
      values[3] = Float.NaN;
      ModelFolderWriter.write(
          base, damaged, Map.of("unet", Map.of(name, values)), Optional.empty());
    }
    for (String command : List.of("erase", "generate")) {
      List<String> more =
          command.equals("erase") ? List.of("--concept=owl") : List.of("--prompt=x");
      String[] arguments =
          Stream.of(List.of(command, "--model=damaged", "--out=o.png"), more)
              .flatMap(List::stream)
              .toArray(String[]::new);
      refused(List.of("mid_block.resnets.0.conv1.bias", "NaN", "index 3"), arguments);
    }
    assertEquals(List.of("damaged"), left());
  }

  /** A limit on the size of files fails in the middle of writing, as a full disk does. */
  @Test
  void writingThatFailsInTheMiddleLeavesNothing() throws Exception {
    LetheProcess process =
        LetheProcess.startLimited(
            folder,
            2000,
            Stream.of(List.of("erase", "--out=full"), SHORT).flatMap(List::stream).toList());
    assertEquals(2, process.await(), process.err());
    assertTrue(process.err().contains("cannot write"), process.err());
    assertEquals(1, process.complaints(), process.err());
    assertFalse(Files.exists(folder.resolve("full")));
  }

  @Test
  void controlCInTheMiddleThenResumeGivesTheSameBytes() throws Exception {
    Path whole = folder.resolve("whole");
    LetheProcess uninterrupted = erase(whole);
    assertEquals(0, uninterrupted.await(), uninterrupted.err());

    Path out = folder.resolve("broken");
    LetheProcess process = erase(out);
    process.awaitFile(folder.resolve("broken.unfinished"));
    Thread.sleep(700);
    process.interrupt();
    assertEquals(130, process.await(), process.err());
    assertFalse(Files.exists(out));

    LetheProcess resumed = erase(out, "--resume");
    assertEquals(0, resumed.await(), resumed.err());
    Path weights = Path.of("unet/diffusion_pytorch_model.safetensors");
    assertArrayEquals(
        Files.readAllBytes(whole.resolve(weights)), Files.readAllBytes(out.resolve(weights)));
    assertEquals(List.of("broken", "whole"), left());
  }

  @Test
  void controlCWhileDrawingLeavesNoHalfPicture() throws Exception {
    LetheProcess process =
        lethe("generate", "--prompt=owl", "--count=5000", "--out=" + folder.resolve("many"));
    process.awaitFile(folder.resolve("many"));
    process.interrupt();
    assertEquals(130, process.await(), process.err());
    assertTrue(process.err().contains("interrupted"), process.err());
    try (Stream<Path> files = Files.list(folder.resolve("many"))) {
      assertTrue(files.allMatch(file -> file.toString().endsWith(".png")));
    }
  }

  @Test
  void twoRunsIntoOneFolder() throws Exception {
    Path out = folder.resolve("one");
    LetheProcess first = erase(out);
    first.awaitFile(folder.resolve("one.unfinished"));
    LetheProcess second = erase(out);
    int[] statuses = {second.await(), first.await()};
    Arrays.sort(statuses);
    assertArrayEquals(new int[] {0, 2}, statuses, first.err() + second.err());
    assertTrue(Files.exists(out.resolve("model_index.json")));
  }
}
