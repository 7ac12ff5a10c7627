// The configuration of one CLIP tower, text or vision.
package io.lethe.model.clip;

import io.lethe.backend.Activation;
import io.lethe.weights.ComponentConfig;

/**
 * A tower's extents. The text fields (vocabSize, maxPositionEmbeddings, eosTokenId) are 0 in a
 * vision tower, the vision fields (imageSize, patchSize) 0 in a text tower.
 */
public record ClipTowerConfig(
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    double layerNormEps,
    Activation activation,
    int vocabSize,
    int maxPositionEmbeddings,
    int eosTokenId,
    int imageSize,
    int patchSize) {

  /**
   * Reads a text tower: the whole config.json of a text encoder, or {@code text_config} of a CLIP
   * model.
   */
  public static ClipTowerConfig text(ComponentConfig json) {
    return new ClipTowerConfig(
        json.integer("hidden_size", 512),
        json.integer("intermediate_size", 2048),
        json.integer("num_hidden_layers", 12),
        json.integer("num_attention_heads", 8),
        json.real("layer_norm_eps", 1e-5),
        activation(json),
        json.integer("vocab_size", 49408),
        json.integer("max_position_embeddings", 77),
        json.integer("eos_token_id", 49407),
        0,
        0);
  }

  /** Reads a vision tower: {@code vision_config} of a CLIP model. */
  public static ClipTowerConfig vision(ComponentConfig json) {
    json.mustBe("num_channels", 3);
    return new ClipTowerConfig(
        json.integer("hidden_size", 768),
        json.integer("intermediate_size", 3072),
        json.integer("num_hidden_layers", 12),
        json.integer("num_attention_heads", 12),
        json.real("layer_norm_eps", 1e-5),
        activation(json),
        0,
        0,
        0,
        json.integer("image_size", 224),
        json.integer("patch_size", 32));
  }

  private static Activation activation(ComponentConfig json) {
    String name = json.text("hidden_act", "quick_gelu");
    return switch (name) {
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "gelu" -> Activation.GELU;
      default ->
          throw json.error("hidden_act", "is '" + name + "'; Lethe knows quick_gelu and gelu");
    };
  }
}
