// lethe generate: the picture that diffusers draws, where it goes, and what is refused.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lethe.report.PictureReader;
import io.lethe.report.PngFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class GenerateCommandTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir Path folder;

  @Test
  void drawsThePictureOfTheSameSeedInDiffusersAndRecordsHow() {
    Path file = folder.resolve("new/guitar.png");
    CommandRun run =
        CommandRun.good(
            "generate",
            "--prompt=a guitar",
            "--scheduler=dpmpp2m-karras",
            "--steps=12",
            "--guidance=4",
            "--seed=4",
            "--out=" + file);
    assertEquals(file.toString(), run.out().strip());
    byte[] expected = PictureReader.read(GOLDEN.resolve("emoji-sd-4.png")).rgb();
    byte[] actual = PictureReader.read(file).rgb();
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.abs((expected[i] & 0xff) - (actual[i] & 0xff));
    }
    if (!(sum / expected.length <= 1)) {
      fail("mean absolute difference " + sum / expected.length + " of 255");
    }
    Map<String, String> properties = PngFile.properties(file);
    assertEquals("a guitar", properties.get("prompt"));
    assertEquals("4", properties.get("seed"));
    assertEquals("dpmpp2m-karras", properties.get("sampler"));
    assertEquals("64x64", properties.get("size"));
    assertEquals(64, properties.get("model hash").length());
    assertTrue(CommandRun.good("inspect", file.toString()).out().contains("a guitar"));
  }

  @Test
  void severalPicturesHaveTheSeedsThatFollow() throws IOException {
    Path several = folder.resolve("several");
    CommandRun run =
        CommandRun.good(
            "generate",
            "--prompt=an owl",
            "--steps=2",
            "--count=3",
            "--seed=7",
            "--json",
            "--out=" + several);
    JsonNode pictures = run.json().path("pictures");
    assertEquals(3, pictures.size());
    assertEquals(9, pictures.get(2).path("seed").asInt());
    Path alone = folder.resolve("alone.png");
    CommandRun.good(
        "generate", "--prompt=an owl", "--steps=2", "--seed=8", "--threads=1", "--out=" + alone);
    assertArrayEquals(
        Files.readAllBytes(alone), Files.readAllBytes(several.resolve("an-owl-8.png")));
  }

  @Test
  void whatIsCutOffIsNamed() {
    CommandRun run =
        CommandRun.good(
            "generate",
            "--prompt=" + "owl ".repeat(40) + "sunflower",
            "--steps=1",
            "--out=" + folder.resolve("cut.png"));
    assertTrue(run.err().contains("--prompt is longer"), run.err());
    assertTrue(run.err().strip().endsWith("sunflower"), run.err());
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path there = Files.writeString(folder.resolve("there.png"), "mine");
    refused(List.of("exists already", "there.png"), "--out=" + there);
    assertEquals("mine", Files.readString(there));
    Files.writeString(folder.resolve("owl-0.png"), "mine");
    refused(List.of("exists already", "owl-0.png"), "--out=" + folder);
    Path file = Files.writeString(folder.resolve("file"), "");
    refused(List.of("does not end in .png"), "--out=" + file);
  }

  @Test
  void mistakesAreRefusedBeforeAnythingIsDone() {
    Path out = folder.resolve("o.png");
    String place = "--out=" + out;
    CommandRun.refused(List.of("--prompt is blank"), "generate", "--prompt= ", place);
    refused(List.of("--steps is 0"), place, "--steps=0");
    refused(List.of("--count is 0"), place, "--count=0");
    refused(List.of("--count 2 needs a folder"), place, "--count=2");
    refused(List.of("--guidance is NaN"), place, "--guidance=NaN");
    refused(List.of("--seed is -1"), place, "--seed=-1");
    refused(List.of("--size", "512x512"), place, "--size=big");
    refused(List.of("65x64", "multiple"), place, "--size=65x64");
    refused(List.of("known are", "dpmpp2m"), place, "--scheduler=fast");
    refused(List.of("no folder", "model_index.json"), place, "--model=/no/such");
    refused(List.of("is not a folder"), "--out=/dev/null/o.png");
    refused(List.of("emoji-clip", "without a unet"), place, "--model=src/main/models/emoji-clip");
    assertFalse(Files.exists(out));
  }

  private static void refused(List<String> words, String... options) {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "generate";
    arguments[1] = "--prompt=owl";
    System.arraycopy(options, 0, arguments, 2, options.length);
    CommandRun.refused(words, arguments);
  }
}
