// lethe inspect: folders, files and pictures, and what --verify finds.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InspectCommandTest {
  private static final Path HOSTILE = Path.of("src/test/resources/golden/hostile");

  @TempDir Path folder;

  @Test
  void modelFolder() {
    CommandRun text = CommandRun.good("inspect", "src/main/models/emoji-sd", "--verify");
    assertTrue(text.out().contains("8,489,284 parameters"), text.out());
    assertTrue(text.out().contains("verified"), text.out());
    JsonNode json =
        CommandRun.good("inspect", "src/main/models/emoji-sd", "--json", "--tensors").json();
    JsonNode unet = json.at("/components/unet");
    assertEquals("UNet2DConditionModel", unet.path("class").asString());
    assertEquals(8_489_284, unet.path("parameters").asInt());
    assertEquals(8, unet.at("/groups/cross-attention, keys and values/tensors").asInt());
    assertEquals(248, unet.path("tensor_list").size());
    assertEquals(248, unet.at("/dtypes/F16").asInt());
    long sum = 0;
    for (JsonNode group : unet.path("groups")) {
      sum += group.path("parameters").asLong();
    }
    assertEquals(8_489_284, sum);
  }

  @Test
  void judgeAndSingleComponents() {
    assertTrue(
        CommandRun.good("inspect", "src/main/models/emoji-clip", "--verify")
            .out()
            .contains("CLIPModel"));
    CommandRun unet = CommandRun.good("inspect", "src/main/models/emoji-sd/unet", "--verify");
    assertTrue(unet.out().contains("UNet2DConditionModel"), unet.out());
  }

  @Test
  void weightFile() {
    Path file = folder.resolve("a.safetensors");
    SafeTensorsWriter.write(
        file,
        List.of(
            TensorEntry.of("x.weight", DType.F16, Shape.of(2, 3), new float[6]),
            TensorEntry.of("x.bias", DType.F32, Shape.of(2), new float[] {1, Float.NaN})));
    CommandRun run = CommandRun.good("inspect", file.toString(), "--tensors");
    assertTrue(run.out().contains("8 parameters in 2 tensors, F32 (1), F16 (1)"), run.out());
    assertTrue(run.out().contains("x.weight"), run.out());
    CommandRun.refused(List.of("x.bias", "NaN", "index 1"), "inspect", file.toString(), "--verify");
  }

  @Test
  void hostileFilesGetOneLineAndNoneStopsTheProgram() throws IOException {
    JsonNode expected = new JsonMapper().readTree(HOSTILE.resolve("expected.json").toFile());
    assertTrue(expected.size() > 0);
    int refused = 0;
    try (Stream<Path> files = Files.list(HOSTILE)) {
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(".safetensors")) {
          CommandRun run = CommandRun.of("inspect", file.toString(), "--tensors");
          assertTrue(run.status() == 0 || run.status() == 2, file + ": " + run.err());
          assertEquals(run.status() == 0 ? 0 : 1, run.err().lines().count(), run.err());
          run.out().chars().forEach(c -> assertTrue(c >= ' ' || c == '\n', file + ": " + c));
          refused += run.status() == 2 ? 1 : 0;
        }
      }
    }
    assertTrue(refused > 5, refused + " refused");
  }

  @Test
  void whatIsNoModelIsSaid() throws IOException {
    CommandRun.refused(List.of("no file or folder", "/no/such"), "inspect", "/no/such");
    CommandRun.refused(List.of("no model", "model_index.json"), "inspect", folder.toString());
    Path text = Files.writeString(folder.resolve("notes.txt"), "hello there, this is a text");
    CommandRun.refused(List.of("notes.txt"), "inspect", text.toString());
    Path png = Files.writeString(folder.resolve("notes.png"), "hello");
    CommandRun.refused(List.of("not a PNG"), "inspect", png.toString());
  }
}
