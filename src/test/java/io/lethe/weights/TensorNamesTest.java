// The names and shapes listed from a config are those of real files, and add up to known counts.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lethe.tensor.Shape;
import io.lethe.weightstools.ClipTensorNames;
import io.lethe.weightstools.UnetTensorNames;
import io.lethe.weightstools.VaeTensorNames;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorNamesTest {
  @TempDir Path folder;

  @Test
  void theBundledModelsHaveExactlyTheListedTensors() {
    try (Arena arena = Arena.ofConfined()) {
      ModelFolder sd = ModelFolder.open(TestFiles.bundled("emoji-sd"), arena);
      assertSame(UnetTensorNames.of(sd.config("unet")), sd.weights("unet"));
      assertSame(VaeTensorNames.of(sd.config("vae")), sd.weights("vae"));
      assertSame(ClipTensorNames.ofText(sd.config("text_encoder")), sd.weights("text_encoder"));
      ModelFolder clip = ModelFolder.open(TestFiles.bundled("emoji-clip"), arena);
      assertSame(ClipTensorNames.ofModel(clip.config("clip")), clip.weights("clip"));
    }
  }

  @Test
  void stableDiffusionOneHasItsKnownCounts() {
    for (String name : new String[] {"sd14", "sd14-as-published"}) {
      assertEquals(859_520_964, count(UnetTensorNames.of(config(name, "unet"))));
      assertEquals(83_653_863, count(VaeTensorNames.of(config(name, "vae"))));
      assertEquals(123_060_480, count(ClipTensorNames.ofText(config(name, "text_encoder"))));
    }
    assertEquals(686, UnetTensorNames.of(config("sd14", "unet")).size());
  }

  @Test
  void stableDiffusionTwoHasItsKnownCounts() throws IOException {
    Path unet =
        Files.writeString(
            folder.resolve("unet.json"),
            "{\"cross_attention_dim\":1024,\"attention_head_dim\":[5,10,20,20],"
                + "\"use_linear_projection\":true}");
    assertEquals(865_910_724, count(UnetTensorNames.of(ComponentConfig.read(unet))));
    Path text =
        Files.writeString(
            folder.resolve("text.json"),
            "{\"hidden_size\":1024,\"intermediate_size\":4096,\"num_hidden_layers\":23}");
    assertEquals(340_387_840, count(ClipTensorNames.ofText(ComponentConfig.read(text))));
  }

  @Test
  void theMapFromOldVaeNamesUndoesTheirMaking() {
    Map<String, Shape> present = VaeTensorNames.of(config("sd14", "vae"));
    int renamed = 0;
    for (String name : present.keySet()) {
      String old = VaeTensorNames.old(name);
      assertEquals(name, NameMap.VAE.canonical(old));
      renamed += old.equals(name) ? 0 : 1;
    }
    assertEquals(16, renamed, "four projections with weight and bias, in both halves");
  }

  private static ComponentConfig config(String model, String component) {
    return ComponentConfig.read(
        TestFiles.golden("configs").resolve(model).resolve(component).resolve("config.json"));
  }

  private static long count(Map<String, Shape> shapes) {
    return shapes.values().stream().mapToLong(Shape::elements).sum();
  }

  private static void assertSame(Map<String, Shape> listed, Checkpoint weights) {
    Map<String, Shape> found = new TreeMap<>();
    weights.tensors().forEach((name, view) -> found.put(name, view.shape()));
    assertEquals(new TreeMap<>(listed), found);
  }
}
