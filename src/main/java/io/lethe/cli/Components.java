// Builds a component from its folder, which checks every shape against the config.
package io.lethe.cli;

import io.lethe.UserError;
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
import io.lethe.weights.Checkpoint;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.ModelFolder;
import java.util.ArrayList;
import java.util.List;

/** Opens the networks of a model folder one at a time. */
final class Components {
  private Components() {}

  /** Builds the component; returns what was passed over, in words. */
  static List<String> build(ModelFolder folder, String component) {
    Checkpoint weights = folder.weights(component);
    switch (component) {
      case "unet" -> unet(folder, DType.F32);
      case "vae" -> vae(folder, DType.F32);
      case "text_encoder" -> textEncoder(folder, DType.F32);
      case "clip" -> clip(folder, DType.F32);
      default -> throw new UserError("there is no check of a component " + component);
    }
    List<String> notes = new ArrayList<>(folder.config(component).finish());
    for (String name : weights.neverAsked()) {
      notes.add(component + ": no part of the model uses tensor " + name);
    }
    return notes;
  }

  private static ParameterStore store(ModelFolder folder, String component, DType computeType) {
    Checkpoint weights = folder.weights(component);
    return new ParameterStore(computeType, (name, shape) -> weights.get(name));
  }

  static UNet2DConditionModel unet(ModelFolder folder, DType computeType) {
    folder.require("unet", "UNet2DConditionModel");
    ComponentConfig config = folder.config("unet");
    return new UNet2DConditionModel(UNetConfig.from(config), store(folder, "unet", computeType));
  }

  static AutoencoderKL vae(ModelFolder folder, DType computeType) {
    folder.require("vae", "AutoencoderKL");
    ComponentConfig config = folder.config("vae");
    return new AutoencoderKL(VaeConfig.from(config), store(folder, "vae", computeType));
  }

  static ClipTextModel textEncoder(ModelFolder folder, DType computeType) {
    folder.require("text_encoder", "CLIPTextModel", "CLIPTextModelWithProjection");
    ClipTowerConfig config = ClipTowerConfig.text(folder.config("text_encoder"));
    return new ClipTextModel(config, store(folder, "text_encoder", computeType));
  }

  static ClipModel clip(ModelFolder folder, DType computeType) {
    folder.require("clip", "CLIPModel");
    return new ClipModel(clipConfig(folder), store(folder, "clip", computeType));
  }

  static ClipConfig clipConfig(ModelFolder folder) {
    return ClipConfig.from(folder.config("clip"));
  }
}
