// Model folders with synthetic weights.
package io.lethe.weightstools;

import io.lethe.UserError;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.StagedFolder;
import io.lethe.weights.TensorEntry;
import io.lethe.weights.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Builds folders in the diffusers layout from the reference data's configs: F32 weights by the rule
 * of {@link SyntheticWeights}, the CLIP vocabulary, and the scheduler of Stable Diffusion 1.4.
 *
 * <p>Weights are made while they are written, so that no tensor is ever held whole; the UNet is
 * written by one thread and the rest by another.
 */
public final class SyntheticModel {
  private static final String PUBLISHED = "sd14-as-published";
  private static final String UNET_WEIGHTS = "unet/diffusion_pytorch_model.safetensors";
  private static final String TEXT_WEIGHTS = "text_encoder/model.safetensors";
  private static final String VAE_WEIGHTS = "vae/diffusion_pytorch_model.safetensors";

  private static final String INDEX =
      """
      {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.40.0",
        "feature_extractor": [null, null],
        "requires_safety_checker": false,
        "safety_checker": [null, null],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"]
      }
      """;

  private final Path configs;
  private final Path vocabulary;

  /**
   * @param golden the folder of the reference data, with {@code configs} and {@code clip-bpe}
   */
  public SyntheticModel(Path golden) {
    this.configs = golden.resolve("configs");
    this.vocabulary = golden.resolve("clip-bpe");
  }

  /**
   * Makes the pipeline mini-sd1, mini-sd2 or sd14.
   *
   * @throws UserError if there are no such configs, or the folder exists or cannot be written
   */
  public void writePipeline(String name, Path target) {
    write(
        target,
        folder -> {
          for (String component : List.of("unet", "vae", "text_encoder")) {
            String config = component + "/config.json";
            copy(configs.resolve(name).resolve(config), folder.resolve(config));
          }
          Files.writeString(folder.resolve("model_index.json"), INDEX);
          String scheduler = "scheduler/scheduler_config.json";
          copy(configs.resolve(PUBLISHED).resolve(scheduler), folder.resolve(scheduler));
          ComponentConfig text = config(folder, "text_encoder");
          copyTokenizer(folder.resolve("tokenizer"), text.integer("pad_token_id") == 0);
          Map<String, Shape> unet = UnetTensorNames.of(config(folder, "unet"));
          Map<String, Shape> vae = VaeTensorNames.of(config(folder, "vae"));
          inTwoThreads(
              () -> writeWeights(folder.resolve(UNET_WEIGHTS), unet),
              () -> {
                writeWeights(folder.resolve(TEXT_WEIGHTS), ClipTensorNames.ofText(text));
                writeWeights(folder.resolve(VAE_WEIGHTS), vae);
              });
        });
  }

  /**
   * Makes Stable Diffusion 1.4 as it was published: configs of few keys, and a VAE with the old
   * names. UNet and text encoder are linked from the present form, if it lies on the same disk.
   *
   * @param present the folder that {@link #writePipeline} has made of sd14
   */
  public void writeAsPublished(Path present, Path target) {
    write(
        target,
        folder -> {
          copyTree(configs.resolve(PUBLISHED), folder);
          copy(vocabulary.resolve("vocab.json"), folder.resolve("tokenizer/vocab.json"));
          copy(vocabulary.resolve("merges.txt"), folder.resolve("tokenizer/merges.txt"));
          link(present.resolve(UNET_WEIGHTS), folder.resolve(UNET_WEIGHTS));
          link(present.resolve(TEXT_WEIGHTS), folder.resolve(TEXT_WEIGHTS));
          writeWeights(
              folder.resolve(VAE_WEIGHTS),
              VaeTensorNames.of(config(folder, "vae")),
              VaeTensorNames::old);
        });
  }

  /** Makes the CLIP model mini-clip. */
  public void writeClip(String name, Path target) {
    write(
        target,
        folder -> {
          copy(configs.resolve(name).resolve("config.json"), folder.resolve("config.json"));
          copyTokenizer(folder, false);
          ComponentConfig config = ComponentConfig.read(folder.resolve("config.json"));
          int side = config.section("vision_config").integer("image_size", 224);
          Files.writeString(folder.resolve("preprocessor_config.json"), preprocessor(side));
          writeWeights(folder.resolve("model.safetensors"), ClipTensorNames.ofModel(config));
        });
  }

  @FunctionalInterface
  private interface Filling {
    void fill(Path folder) throws IOException;
  }

  private static void write(Path target, Filling filling) {
    try (StagedFolder staged = StagedFolder.create(target)) {
      filling.fill(staged.path());
      staged.commit();
    } catch (IOException failure) {
      throw new UserError("cannot make " + target + ": " + failure, failure);
    }
  }

  private static void inTwoThreads(Runnable one, Runnable other) {
    CompletableFuture<Void> background = CompletableFuture.runAsync(one);
    try {
      other.run();
    } finally {
      background.exceptionally(failure -> null).join(); // nothing may write once we return
    }
    try {
      background.join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    }
  }

  private static void writeWeights(Path file, Map<String, Shape> shapes) {
    writeWeights(file, shapes, UnaryOperator.identity());
  }

  /** The values follow from the present name, whatever the name in the file. */
  private static void writeWeights(
      Path file, Map<String, Shape> shapes, UnaryOperator<String> nameInFile) {
    List<TensorEntry> entries =
        shapes.entrySet().stream()
            .map(tensor ->
                new TensorEntry(
                    nameInFile.apply(tensor.getKey()),
                    DType.F32,
                    tensor.getValue(),
                    new TensorSource.Computed(
                        SyntheticWeights.fill(tensor.getKey(), tensor.getValue()))))
            .toList();
    SafeTensorsWriter.write(file, entries);
  }

  private void copyTokenizer(Path folder, boolean padWithIdZero) throws IOException {
    copy(vocabulary.resolve("vocab.json"), folder.resolve("vocab.json"));
    copy(vocabulary.resolve("merges.txt"), folder.resolve("merges.txt"));
    String settings = Files.readString(vocabulary.resolve("tokenizer_config.json"));
    if (padWithIdZero) {
      settings = settings.replace("\"pad_token\": \"<|endoftext|>\"", "\"pad_token\": \"!\"");
    }
    Files.writeString(folder.resolve("tokenizer_config.json"), settings);
  }

  private static String preprocessor(int side) {
    return """
    {
      "do_center_crop": true,
      "do_normalize": true,
      "do_rescale": true,
      "do_resize": true,
      "image_processor_type": "CLIPImageProcessor",
      "crop_size": {"height": %d, "width": %d},
      "image_mean": [0.48145466, 0.4578275, 0.40821073],
      "image_std": [0.26862954, 0.26130258, 0.27577711],
      "rescale_factor": 0.00392156862745098,
      "size": {"shortest_edge": %d}
    }
    """
        .formatted(side, side, side);
  }

  private static ComponentConfig config(Path folder, String component) {
    return ComponentConfig.read(folder.resolve(component).resolve("config.json"));
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.isRegularFile(from)) {
      throw new UserError("there is no file " + from);
    }
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void link(Path existing, Path link) throws IOException {
    if (!Files.isRegularFile(existing)) {
      throw new UserError("there is no file " + existing + "; make sd14 first");
    }
    try {
      Files.createLink(link, existing);
    } catch (IOException | UnsupportedOperationException _) {
      Files.copy(existing, link); // another disk, or one without links
    }
  }
}
