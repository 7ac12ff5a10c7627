// lethe trace against the original's numbers for the bundled model.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceCommandTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/emoji-sd.safetensors");
  private static final Path CLIP = Path.of("src/test/resources/golden/mini-clip.safetensors");

  @TempDir Path folder;

  /** Writes some golden tensors, under other names where need be, as an input file. */
  private Path inputs(Path golden, Map<String, String> names) {
    Path file = folder.resolve("inputs.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile source = SafeTensorsFile.open(golden, arena);
      List<TensorEntry> entries = new ArrayList<>();
      names.forEach((from, to) -> {
        TensorEntry entry = TensorEntry.of(source.tensor(from));
        entries.add(new TensorEntry(to, entry.dtype(), entry.shape(), entry.source()));
      });
      SafeTensorsWriter.write(file, entries);
    }
    return file;
  }

  private static void near(TensorView actual, TensorView expected, double tolerance) {
    assertEquals(expected.shape(), actual.shape(), expected.name());
    double[] a = actual.toDoubles();
    double[] b = expected.toDoubles();
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < b.length; i++) {
      difference += Math.pow(a[i] - b[i], 2);
      norm += Math.pow(b[i], 2);
    }
    if (!(Math.sqrt(difference) <= tolerance * Math.sqrt(norm))) {
      fail(expected.name() + ": " + Math.sqrt(difference / norm));
    }
  }

  private Path run(String component, Path inputs, String... more) {
    Path out = folder.resolve(component + ".safetensors");
    List<String> arguments =
        new ArrayList<>(
            List.of("trace", "--component=" + component, "--inputs=" + inputs, "--out=" + out));
    arguments.addAll(List.of(more));
    CommandRun run = CommandRun.good(arguments.toArray(String[]::new));
    assertTrue(run.out().contains(out.toString()), run.out());
    return out;
  }

  @Test
  void unetWithGradientsAndActivations() {
    Path in =
        inputs(
            GOLDEN,
            Map.of(
                "unet.sample", "unet.sample",
                "unet.timesteps", "unet.timesteps",
                "unet.context", "unet.context",
                "unet.target", "unet.target"));
    String biases = "--parameters=resnets\\.0\\.norm2\\.weight$";
    Path out = run("unet", in, "--gradients", biases, "--activations");
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile golden = SafeTensorsFile.open(GOLDEN, arena);
      SafeTensorsFile results = SafeTensorsFile.open(out, arena);
      near(results.tensor("unet.out"), golden.tensor("unet.out"), 1e-5);
      near(results.tensor("unet.loss"), golden.tensor("unet.loss"), 1e-5);
      String gradient = "unet.grad.down_blocks.0.resnets.0.norm2.weight";
      near(results.tensor(gradient), golden.tensor(gradient), 1e-4);
      assertFalse(results.tensors().containsKey("unet.grad.conv_in.weight"));
      assertEquals("[6, 192, 4, 4]", results.tensor("unet.act.mid_block").shape().toString());
    }
  }

  @Test
  void textEncoderAndAutoencoder() {
    Path text = run("text_encoder", inputs(GOLDEN, Map.of("text.ids", "text.ids")));
    Path vae = run("vae", inputs(GOLDEN, Map.of("vae.latent", "vae.latent")));
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile golden = SafeTensorsFile.open(GOLDEN, arena);
      near(
          SafeTensorsFile.open(text, arena).tensor("text.last_hidden_state"),
          golden.tensor("text.last_hidden_state"),
          1e-5);
      near(
          SafeTensorsFile.open(vae, arena).tensor("vae.decoded"),
          golden.tensor("vae.decoded"),
          1e-5);
    }
  }

  @Test
  void mistakesAreNamed() {
    Path ids = inputs(CLIP, Map.of("text.ids", "text.ids"));
    Path out = folder.resolve("o.safetensors");
    refused(
        List.of("text.ids", "outside the vocabulary"),
        "--component=text_encoder",
        "--inputs=" + ids);
    refused(List.of("unet.sample", "missing"), "--component=unet", "--inputs=" + ids);
    refused(List.of("no file"), "--component=unet", "--inputs=/no/such");
    refused(List.of("only the unet"), "--component=vae", "--inputs=" + ids, "--activations");
    refused(List.of("--gradients"), "--component=unet", "--inputs=" + ids, "--parameters=x");
    refused(
        List.of("regular expression"),
        "--component=unet",
        "--inputs=" + ids,
        "--gradients",
        "--parameters=(");
    assertFalse(Files.exists(out));
  }

  private void refused(List<String> words, String... options) {
    List<String> arguments = new ArrayList<>(List.of("trace"));
    arguments.addAll(List.of(options));
    arguments.add("--out=" + folder.resolve("o.safetensors"));
    CommandRun.refused(words, arguments.toArray(String[]::new));
  }
}
