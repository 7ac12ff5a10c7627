// The vision tower: from a picture to one vector.
package io.lethe.model.clip;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.AddPerPosition;
import io.lethe.autograd.ops.PickPositions;
import io.lethe.autograd.ops.PrependToken;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.LayerNorm;
import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterPath;
import io.lethe.nn.ParameterStore;
import java.util.ArrayList;
import java.util.List;

/**
 * A vision transformer (Dosovitskiy et al. 2021): patches, a class token, layers, the class token's
 * last state.
 */
public final class ClipVisionModel {
  /**
   * What one forward gives.
   *
   * @param lastHiddenState {@code [n, 1 + patches, hidden]}
   * @param pooled {@code [n, hidden]}: the class token after the last layer norm
   */
  public record Output(Value lastHiddenState, Value pooled) {}

  private final ClipTowerConfig config;
  private final Parameter classEmbedding;
  private final Conv2d patchEmbedding;
  private final Parameter positionEmbedding;
  private final LayerNorm preLayrnorm; // spelt as in the checkpoint
  private final List<ClipEncoderLayer> layers = new ArrayList<>();
  private final LayerNorm postLayernorm;

  /** The tower under {@code vision_model} of this store. */
  public ClipVisionModel(ClipTowerConfig config, ParameterStore parameters) {
    ParameterPath path = parameters.root().child("vision_model");
    ParameterPath embeddings = path.child("embeddings");
    int width = config.hiddenSize();
    int side = config.imageSize() / config.patchSize();
    this.config = config;
    this.classEmbedding = embeddings.get("class_embedding", width);
    this.patchEmbedding =
        Conv2d.withoutBias(
            embeddings.child("patch_embedding"), 3, width, config.patchSize(), config.patchSize());
    this.positionEmbedding =
        embeddings.child("position_embedding").getInMemory("weight", 1 + (long) side * side, width);
    this.preLayrnorm = new LayerNorm(path.child("pre_layrnorm"), width, config.layerNormEps());
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(
          new ClipEncoderLayer(path.child("encoder").child("layers").child(i), config, false));
    }
    this.postLayernorm = new LayerNorm(path.child("post_layernorm"), width, config.layerNormEps());
  }

  /**
   * @param pixels {@code [n, imageSize*imageSize, 3]}, normalised
   */
  public Output forward(Tape tape, Value pixels) {
    int size = config.imageSize();
    Value patches = patchEmbedding.forward(tape, new FeatureMap(pixels, size, size)).value();
    Value tokens = PrependToken.apply(tape, classEmbedding.value(), patches);
    Value hidden =
        preLayrnorm.forward(tape, AddPerPosition.apply(tape, tokens, positionEmbedding.value()));
    for (ClipEncoderLayer layer : layers) {
      hidden = layer.forward(tape, hidden);
    }
    int[] classToken = new int[pixels.data().shape().dim(0)];
    Value pooled = postLayernorm.forward(tape, PickPositions.apply(tape, hidden, classToken));
    return new Output(hidden, pooled);
  }

  public ClipTowerConfig config() {
    return config;
  }
}
