// The bundled model agrees with the original implementation, forward and backward.
package io.lethe.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.Backend;
import io.lethe.backend.cpu.Cpu;
import io.lethe.backend.reference.Reference;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.tensor.Shape;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * Outputs within 1e-5, gradients of every parameter within 1e-4, thinned values and norms. The
 * reference backend, slow by design, runs the text encoder alone; the CPU runs all.
 */
final class EmojiSdGoldenTest {
  private static final Path MODEL = Path.of("src/main/models/emoji-sd");
  private static final Predicate<String> ALL = name -> true;
  private static final List<String> PROMPTS =
      List.of(
          "an emoji of a cactus",
          "lion",
          "an emoji of an owl in noto style",
          "",
          "a picture of a t-rex",
          "strawberry, fluent style");

  @Test
  void textEncoderOnTheReference() {
    textEncoder(new Reference());
  }

  @Test
  void textEncoderOnTheCpu() {
    try (Cpu cpu = new Cpu()) {
      textEncoder(cpu);
    }
  }

  private static void textEncoder(Backend backend) {
    try (Arena arena = Arena.ofConfined();
        DiffusionModel model = DiffusionModel.open(MODEL, backend.computeType())) {
      Golden golden = new Golden("emoji-sd.safetensors", arena);
      TraceInputs inputs = new TraceInputs("golden", golden.tensors());
      int[][] ids = inputs.ids("text.ids", model.textEncoder().config().vocabSize());
      for (int i = 0; i < ids.length; i++) {
        assertArrayEquals(ids[i], model.tokenizer().encode(PROMPTS.get(i)).ids(), PROMPTS.get(i));
      }
      Map<String, TraceOutput> outputs = TextTrace.run(backend, model.textEncoder(), inputs, null);
      String states = "text.last_hidden_state";
      golden.compare(states, outputs.get(states).values(), Golden.FORWARD);
      // The UNet's context in the golden data is this output.
      assertArrayEquals(golden.get(states).toFloats(), golden.get("unet.context").toFloats());
    }
  }

  @Test
  void unetWithAllGradients() {
    try (Cpu backend = new Cpu();
        Arena arena = Arena.ofConfined();
        DiffusionModel model = DiffusionModel.open(MODEL, backend.computeType())) {
      Golden golden = new Golden("emoji-sd.safetensors", arena);
      TraceInputs inputs = new TraceInputs("golden", golden.tensors());
      Map<String, TraceOutput> outputs = UnetTrace.run(backend, model.unet(), inputs, ALL, false);
      golden.compare("unet.out", outputs.get("unet.out").values(), Golden.FORWARD);
      golden.compare("unet.loss", outputs.get("unet.loss").values(), Golden.FORWARD);
      golden.compareGradients("unet", outputs, null);
      long trained = outputs.keySet().stream().filter(n -> n.startsWith("unet.grad.")).count();
      assertEquals(model.unet().parameters().parameters().size() + 2, trained);
    }
  }

  @Test
  void autoencoder() {
    try (Cpu backend = new Cpu();
        Arena arena = Arena.ofConfined();
        DiffusionModel model = DiffusionModel.open(MODEL, backend.computeType())) {
      Golden golden = new Golden("emoji-sd.safetensors", arena);
      Map<String, TensorView> given = new HashMap<>();
      given.put("vae.image", Golden.view("vae.image", Shape.of(3, 3, 64, 64), pictures(golden)));
      given.put("vae.latent", golden.get("vae.latent"));
      Map<String, TraceOutput> outputs =
          VaeTrace.run(backend, model.vae(), new TraceInputs("golden", given), null);
      for (String name : List.of("vae.mean", "vae.logvar", "vae.decoded")) {
        golden.compare(name, outputs.get(name).values(), Golden.FORWARD);
      }
      assertTrue(model.notes().isEmpty(), "passed over: " + model.notes());
    }
  }

  /** The first three pictures, {@code x / 127.5 - 1}, channels first. */
  private static float[] pictures(Golden golden) {
    int pixels = 64 * 64;
    float[] all = new float[3 * 3 * pixels];
    for (int n = 0; n < 3; n++) {
      long[] rgb = golden.get("pipe." + n + ".image").toLongs();
      for (int i = 0; i < rgb.length; i++) {
        all[(n * 3 + i % 3) * pixels + i / 3] = rgb[i] / 127.5f - 1;
      }
    }
    return all;
  }
}
