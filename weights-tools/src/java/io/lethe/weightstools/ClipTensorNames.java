// The tensors that the config.json of a CLIP text encoder or a whole CLIP model implies.
package io.lethe.weightstools;

import io.lethe.tensor.Shape;
import io.lethe.weights.ComponentConfig;
import java.util.Map;

/** {@code CLIPTextModel} and {@code CLIPModel}, under the names with {@code text_model.}. */
public final class ClipTensorNames {
  private ClipTensorNames() {}

  /** A text encoder by itself: name to shape, in the order of the computation. */
  public static Map<String, Shape> ofText(ComponentConfig config) {
    TensorList list = new TensorList();
    text(list, config);
    return list.shapes();
  }

  /** Both towers, their projections and the logit scale. */
  public static Map<String, Shape> ofModel(ComponentConfig config) {
    TensorList list = new TensorList();
    ComponentConfig text = config.section("text_config");
    ComponentConfig vision = config.section("vision_config");
    int projection = config.integer("projection_dim", 512);
    text(list, text);
    vision(list, vision);
    list.add("text_projection.weight", projection, text.integer("hidden_size", 512));
    list.add("visual_projection.weight", projection, vision.integer("hidden_size", 768));
    list.add("logit_scale");
    return list.shapes();
  }

  private static void text(TensorList list, ComponentConfig config) {
    int width = config.integer("hidden_size", 512);
    String embeddings = "text_model.embeddings.";
    int positions = config.integer("max_position_embeddings", 77);
    int tokens = config.integer("vocab_size", 49408);
    list.add(embeddings + "token_embedding.weight", tokens, width);
    list.add(embeddings + "position_embedding.weight", positions, width);
    layers(
        list,
        "text_model.encoder",
        width,
        config.integer("intermediate_size", 2048),
        config.integer("num_hidden_layers", 12));
    list.norm("text_model.final_layer_norm", width);
  }

  private static void vision(TensorList list, ComponentConfig config) {
    int width = config.integer("hidden_size", 768);
    int patch = config.integer("patch_size", 32);
    int side = config.integer("image_size", 224) / patch;
    String embeddings = "vision_model.embeddings.";
    list.add(embeddings + "class_embedding", width);
    list.add(
        embeddings + "patch_embedding.weight",
        width,
        config.integer("num_channels", 3),
        patch,
        patch);
    list.add(embeddings + "position_embedding.weight", (long) side * side + 1, width);
    list.norm("vision_model.pre_layrnorm", width); // spelt so in every checkpoint
    layers(
        list,
        "vision_model.encoder",
        width,
        config.integer("intermediate_size", 3072),
        config.integer("num_hidden_layers", 12));
    list.norm("vision_model.post_layernorm", width);
  }

  private static void layers(TensorList list, String path, int width, int inner, int count) {
    for (int i = 0; i < count; i++) {
      String layer = path + ".layers." + i;
      list.norm(layer + ".layer_norm1", width);
      list.linear(layer + ".self_attn.q_proj", width, width);
      list.linear(layer + ".self_attn.k_proj", width, width);
      list.linear(layer + ".self_attn.v_proj", width, width);
      list.linear(layer + ".self_attn.out_proj", width, width);
      list.norm(layer + ".layer_norm2", width);
      list.linear(layer + ".mlp.fc1", inner, width);
      list.linear(layer + ".mlp.fc2", width, inner);
    }
  }
}
