// The small synthetic models agree with the original implementations, forward and backward.
package io.lethe.trace;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.Backend;
import io.lethe.backend.cpu.Cpu;
import io.lethe.backend.reference.Reference;
import io.lethe.model.clip.ClipConfig;
import io.lethe.model.clip.ClipModel;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.model.clip.ClipTowerConfig;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.model.unet.UNetConfig;
import io.lethe.model.vae.AutoencoderKL;
import io.lethe.model.vae.VaeConfig;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * mini-sd1 (quick_gelu, EOS padding, 1x1 convolutions around the transformers) and mini-sd2 (gelu,
 * id-0 padding, linear projections, heads by level) with weights by the synthetic rule: outputs
 * within 1e-5, activations within 1e-5, gradients within 1e-4, on the reference in double and on
 * the CPU in float.
 */
class MiniModelsGoldenTest {
  static Stream<Arguments> cases() {
    return Stream.of("mini-sd1", "mini-sd2")
        .flatMap(model ->
            Stream.of(Arguments.of(model, new Reference()), Arguments.of(model, new Cpu(2))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void textEncoder(String model, Backend backend) {
    try (Arena arena = Arena.ofConfined()) {
      Golden golden = new Golden(model + ".safetensors", arena);
      ClipTowerConfig config = ClipTowerConfig.text(config(model, "text_encoder"));
      ClipTextModel text = new ClipTextModel(config, store(backend));
      Map<String, TensorView> inputs = new HashMap<>();
      inputs.put("text.ids", golden.get("text.ids"));
      Shape ids = golden.get("text.ids").shape();
      inputs.put(
          "text.target", Golden.signal("text.target", ids.dim(0), ids.dim(1), config.hiddenSize()));
      TraceInputs given = new TraceInputs("test", inputs);
      Map<String, TraceOutput> outputs = TextTrace.run(backend, text, given, name -> true);
      for (String name :
          new String[] {"last_hidden_state", "hidden_minus2", "pooler_output", "loss"}) {
        golden.compare("text." + name, outputs.get("text." + name).values(), Golden.FORWARD);
      }
      golden.compareGradients("text", outputs, given.ids("text.ids", config.vocabSize()));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void unet(String model, Backend backend) {
    try (Arena arena = Arena.ofConfined()) {
      Golden golden = new Golden(model + ".safetensors", arena);
      UNetConfig config = UNetConfig.from(config(model, "unet"));
      UNet2DConditionModel unet = new UNet2DConditionModel(config, store(backend));
      Map<String, TensorView> inputs = new HashMap<>();
      Shape out = golden.get("unet.out").shape();
      inputs.put("unet.sample", Golden.signal("unet.sample", out.extents()));
      inputs.put("unet.target", Golden.signal("unet.target", out.extents()));
      inputs.put(
          "unet.context",
          Golden.signal("unet.context", out.dim(0), 77, config.crossAttentionDim()));
      inputs.put("unet.timesteps", golden.get("unet.timesteps"));
      Map<String, TraceOutput> outputs =
          UnetTrace.run(backend, unet, new TraceInputs("test", inputs), name -> true, true);
      golden.compare("unet.out", outputs.get("unet.out").values(), Golden.FORWARD);
      golden.compare("unet.loss", outputs.get("unet.loss").values(), Golden.FORWARD);
      compareActivations(golden, outputs);
      golden.compareGradients("unet", outputs, null);
    }
  }

  private static void compareActivations(Golden golden, Map<String, TraceOutput> outputs) {
    int compared = 0;
    for (String name : golden.tensors().keySet()) {
      if (name.startsWith("unet.act.")) {
        golden.compare(name, outputs.get(name).values(), Golden.FORWARD);
        float norm = (float) Golden.norm(outputs.get(name).values());
        golden.compare(name.replace(".act.", ".actnorm."), new float[] {norm}, Golden.FORWARD);
        compared++;
      }
    }
    assertTrue(compared > 30, "only " + compared + " activations compared");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void autoencoder(String model, Backend backend) {
    try (Arena arena = Arena.ofConfined()) {
      Golden golden = new Golden(model + ".safetensors", arena);
      AutoencoderKL vae = new AutoencoderKL(VaeConfig.from(config(model, "vae")), store(backend));
      Map<String, TensorView> inputs = new HashMap<>();
      long[] image = golden.get("vae.decoded").shape().extents();
      long[] latent = golden.get("vae.mean").shape().extents();
      inputs.put("vae.image", Golden.signal("vae.image", image));
      inputs.put("vae.latent", Golden.signal("vae.latent", latent));
      inputs.put("vae.target_mean", Golden.signal("vae.target_mean", latent));
      inputs.put("vae.target_image", Golden.signal("vae.target_image", image));
      Map<String, TraceOutput> outputs =
          VaeTrace.run(backend, vae, new TraceInputs("test", inputs), name -> true);
      for (String name : new String[] {"mean", "logvar", "decoded", "loss"}) {
        golden.compare("vae." + name, outputs.get("vae." + name).values(), Golden.FORWARD);
      }
      golden.compareGradients("vae", outputs, null);
    }
  }

  static Stream<Backend> backends() {
    return Stream.of(new Reference(), new Cpu(2));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void bothClipTowers(Backend backend) {
    try (Arena arena = Arena.ofConfined()) {
      Golden golden = new Golden("mini-clip.safetensors", arena);
      ComponentConfig json =
          ComponentConfig.read(Golden.FOLDER.resolve("configs/mini-clip/config.json"));
      ClipConfig config = ClipConfig.from(json);
      ClipModel clip = new ClipModel(config, store(backend));
      Map<String, TensorView> inputs = new HashMap<>();
      inputs.put("text.ids", golden.get("text.ids"));
      inputs.put("clip.pixel_values", Golden.signal("clip.pixel_values", 2, 3, 56, 56));
      inputs.put("clip.target", columns(1, 0));
      Map<String, TraceOutput> outputs =
          ClipTrace.run(backend, config, clip, new TraceInputs("test", inputs), name -> true);
      for (String name :
          new String[] {
            "image_embeds",
            "text_embeds",
            "logits_per_image",
            "vision.pooler_output",
            "vision.last_hidden_state",
            "loss"
          }) {
        golden.compare("clip." + name, outputs.get("clip." + name).values(), Golden.FORWARD);
      }
      golden.compareGradients("clip", outputs, null);
    }
  }

  private static TensorView columns(long... columns) {
    MemorySegment bytes = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, columns);
    return new TensorView(
        "clip.target", DType.I64, Shape.of(columns.length), bytes, Path.of("synthetic"), 0);
  }

  private static ParameterStore store(Backend backend) {
    Map<String, TensorView> made = new HashMap<>();
    return new ParameterStore(
        backend.computeType(),
        (name, shape) -> made.computeIfAbsent(name, n -> Golden.synthetic(n, shape)));
  }

  private static ComponentConfig config(String model, String component) {
    return ComponentConfig.read(
        Golden.FOLDER.resolve("configs/" + model + "/" + component + "/config.json"));
  }
}
