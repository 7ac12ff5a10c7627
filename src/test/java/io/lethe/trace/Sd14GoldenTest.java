// Stable Diffusion 1.4 at full size, with synthetic weights, agrees with the original.
package io.lethe.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.tensor.DType;
import io.lethe.weights.TensorView;
import io.lethe.weightstools.SyntheticModel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Outputs and activations within 1e-5, gradients within 1e-4, thinned values and norms. The folders
 * (4.6 GB) are made under {@code target/sd14}, or under the system property {@code lethe.sd14}, and
 * kept there.
 */
@Tag("sd14")
final class Sd14GoldenTest {
  private static final Path ROOT = Path.of(System.getProperty("lethe.sd14", "target/sd14"));
  private static final Path PRESENT = ROOT.resolve("sd14");
  private static final Path PUBLISHED = ROOT.resolve("sd14-as-published");

  private static Cpu backend;

  @BeforeAll
  static void makeFolders() throws IOException {
    SyntheticModel synthetic = new SyntheticModel(Golden.FOLDER);
    Files.createDirectories(ROOT);
    if (!Files.exists(PRESENT)) {
      synthetic.writePipeline("sd14", PRESENT);
    }
    if (!Files.exists(PUBLISHED)) {
      synthetic.writeAsPublished(PRESENT, PUBLISHED);
    }
    backend = new Cpu();
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  private static TraceInputs inputs(Golden golden, Map<String, long[]> signals, String... stored) {
    Map<String, TensorView> given = new HashMap<>();
    signals.forEach((name, extents) -> given.put(name, Golden.signal(name, extents)));
    for (String name : stored) {
      given.put(name, golden.get(name));
    }
    return new TraceInputs("golden", given);
  }

  @Test
  void textEncoderWithGradients() {
    try (Arena arena = Arena.ofConfined();
        DiffusionModel model = DiffusionModel.open(PRESENT, DType.F32)) {
      Golden golden = new Golden("sd14.safetensors", arena);
      TraceInputs inputs =
          inputs(golden, Map.of("text.target", new long[] {3, 77, 768}), "text.ids");
      Map<String, TraceOutput> outputs =
          TextTrace.run(
              backend,
              model.textEncoder(),
              inputs,
              name -> golden.tensors().containsKey("text.grad." + name));
      for (String name : List.of("last_hidden_state", "hidden_minus2", "pooler_output", "loss")) {
        golden.compare("text." + name, outputs.get("text." + name).values(), Golden.FORWARD);
      }
      golden.compareGradients("text", outputs, inputs.ids("text.ids", 49408));
    }
  }

  @Test
  void unetWithActivationsAndCrossAttentionGradients() {
    try (Arena arena = Arena.ofConfined();
        DiffusionModel model = DiffusionModel.open(PRESENT, DType.F32)) {
      Golden golden = new Golden("sd14.safetensors", arena);
      long[] latent = {1, 4, 64, 64};
      TraceInputs inputs =
          inputs(
              golden,
              Map.of(
                  "unet.sample",
                  latent,
                  "unet.target",
                  latent,
                  "unet.context",
                  new long[] {1, 77, 768}),
              "unet.timesteps");
      Map<String, TraceOutput> outputs =
          UnetTrace.run(backend, model.unet(), inputs, name -> name.contains(".attn2."), true);
      golden.compare("unet.out", outputs.get("unet.out").values(), Golden.FORWARD);
      golden.compare("unet.loss", outputs.get("unet.loss").values(), Golden.FORWARD);
      int activations = 0;
      for (String name : golden.tensors().keySet()) {
        if (name.startsWith("unet.act.")) {
          float[] values = outputs.get(name).values();
          golden.compare(name, values, Golden.FORWARD);
          float[] norm = {(float) Golden.norm(values)};
          golden.compare(name.replace(".act.", ".actnorm."), norm, Golden.FORWARD);
          activations++;
        }
      }
      assertEquals(50, activations);
      golden.compareGradients("unet", outputs, null);
    }
  }

  @Test
  void autoencoderAt512() {
    try (Arena arena = Arena.ofConfined();
        DiffusionModel model = DiffusionModel.open(PRESENT, DType.F32)) {
      Golden golden = new Golden("sd14.safetensors", arena);
      TraceInputs inputs =
          inputs(
              golden,
              Map.of(
                  "vae.image",
                  new long[] {1, 3, 512, 512},
                  "vae.latent",
                  new long[] {1, 4, 64, 64}));
      Map<String, TraceOutput> outputs = VaeTrace.run(backend, model.vae(), inputs, null);
      for (String name : List.of("vae.mean", "vae.logvar", "vae.decoded")) {
        golden.compare(name, outputs.get(name).values(), Golden.FORWARD);
      }
    }
  }

  /** Few keys, odd token ids, old names of the VAE's attention: the same model to the last bit. */
  @Test
  void theFolderAsPublishedIsTheSameModel() {
    try (Arena arena = Arena.ofConfined();
        DiffusionModel present = DiffusionModel.open(PRESENT, DType.F32);
        DiffusionModel published = DiffusionModel.open(PUBLISHED, DType.F32)) {
      Golden golden = new Golden("sd14.safetensors", arena);
      TraceInputs text = inputs(golden, Map.of(), "text.ids");
      assertSame(
          TextTrace.run(backend, present.textEncoder(), text, null),
          TextTrace.run(backend, published.textEncoder(), text, null));
      for (String prompt : List.of("", "a photo of a church", "x ".repeat(100))) {
        assertArrayEquals(
            present.tokenizer().encode(prompt).ids(), published.tokenizer().encode(prompt).ids());
      }
      TraceInputs pictures =
          inputs(
              golden,
              Map.of(
                  "vae.image", new long[] {1, 3, 64, 64}, "vae.latent", new long[] {1, 4, 8, 8}));
      assertSame(
          VaeTrace.run(backend, present.vae(), pictures, null),
          VaeTrace.run(backend, published.vae(), pictures, null));
      TraceInputs latents =
          inputs(
              golden,
              Map.of(
                  "unet.sample", new long[] {1, 4, 8, 8}, "unet.context", new long[] {1, 77, 768}),
              "unet.timesteps");
      assertSame(
          UnetTrace.run(backend, present.unet(), latents, null, false),
          UnetTrace.run(backend, published.unet(), latents, null, false));
      assertArrayEquals(present.schedule().alphasCumprod(), published.schedule().alphasCumprod());
    }
  }

  private static void assertSame(
      Map<String, TraceOutput> expected, Map<String, TraceOutput> actual) {
    assertTrue(!expected.isEmpty());
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, output) -> assertArrayEquals(output.values(), actual.get(name).values(), name));
  }
}
