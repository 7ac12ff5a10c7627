// A latent diffusion model opened from its folder: tokenizer, text encoder, UNet, autoencoder.
package io.lethe.diffusion;

import io.lethe.UserError;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.model.clip.ClipTowerConfig;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.model.unet.UNetConfig;
import io.lethe.model.vae.AutoencoderKL;
import io.lethe.model.vae.VaeConfig;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.DType;
import io.lethe.text.ClipTokenizer;
import io.lethe.weights.Checkpoint;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.ModelFolder;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything of one model folder, weights mapped in place. Closing unmaps them, and ends every use
 * of the model.
 */
public final class DiffusionModel implements AutoCloseable {
  private final Arena arena;
  private final ModelFolder folder;
  private final ClipTokenizer tokenizer;
  private final ClipTextModel textEncoder;
  private final UNet2DConditionModel unet;
  private final AutoencoderKL vae;
  private final NoiseSchedule schedule;
  private final List<String> notes;

  private DiffusionModel(Arena arena, Path path, DType computeType) {
    this.arena = arena;
    this.folder = ModelFolder.open(path, arena);
    folder.require("unet", "UNet2DConditionModel");
    folder.require("vae", "AutoencoderKL");
    folder.require("text_encoder", "CLIPTextModel");
    this.notes = new ArrayList<>();
    this.textEncoder =
        component(
            "text_encoder",
            computeType,
            (config, store) -> new ClipTextModel(ClipTowerConfig.text(config), store));
    this.unet =
        component(
            "unet",
            computeType,
            (config, store) -> new UNet2DConditionModel(UNetConfig.from(config), store));
    this.vae =
        component(
            "vae",
            computeType,
            (config, store) -> new AutoencoderKL(VaeConfig.from(config), store));
    this.tokenizer =
        ClipTokenizer.load(folder.tokenizerFolder(), textEncoder.config().maxPositionEmbeddings());
    this.schedule = NoiseSchedule.from(folder.config("scheduler"));
    if (unet.config().crossAttentionDim() != textEncoder.config().hiddenSize()) {
      throw new UserError(
          path
              + ": the text encoder gives "
              + textEncoder.config().hiddenSize()
              + " numbers a token, the UNet takes "
              + unet.config().crossAttentionDim());
    }
  }

  /** Builds a component from its configuration and its parameters. */
  @FunctionalInterface
  private interface Builder<T> {
    T build(ComponentConfig config, ParameterStore store);
  }

  private <T> T component(String name, DType computeType, Builder<T> builder) {
    ComponentConfig config = folder.config(name);
    Checkpoint checkpoint = folder.weights(name);
    checkpoint.requireFinite();
    ParameterStore store =
        new ParameterStore(computeType, (tensor, shape) -> checkpoint.get(tensor));
    T component = builder.build(config, store);
    notes.addAll(config.finish());
    return component;
  }

  /**
   * Opens a diffusers folder.
   *
   * @param computeType F32 for the CPU backend, F64 for the reference
   * @throws UserError naming the file, key or tensor at fault
   */
  @SuppressWarnings("MustBeClosed") // the model owns the arena from here on, and close() closes it
  public static DiffusionModel open(Path path, DType computeType) {
    Arena arena = Arena.ofShared();
    try {
      return new DiffusionModel(arena, path, computeType);
    } catch (RuntimeException failure) {
      arena.close();
      throw failure;
    }
  }

  public ModelFolder folder() {
    return folder;
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public ClipTextModel textEncoder() {
    return textEncoder;
  }

  public UNet2DConditionModel unet() {
    return unet;
  }

  public AutoencoderKL vae() {
    return vae;
  }

  public NoiseSchedule schedule() {
    return schedule;
  }

  /** What was passed over while reading the configurations, for the log. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
