// What unet/config.json says, with diffusers' defaults for what it does not.
package io.lethe.model.unet;

import io.lethe.weights.ComponentConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The configuration of a {@link UNet2DConditionModel}.
 *
 * @param blockOutChannels width of each level
 * @param downAttention whether each level has transformers on the way down
 * @param upAttention whether each up block has transformers; the first is the lowest level
 * @param attentionHeads number of heads at each level. diffusers calls it {@code
 *     attention_head_dim} by a historical mistake
 * @param transformerLayers blocks in each transformer, at each level
 * @param sampleSize side of the latents that the model was trained on
 */
public record UNetConfig(
    int inChannels,
    int outChannels,
    List<Integer> blockOutChannels,
    List<Boolean> downAttention,
    List<Boolean> upAttention,
    int layersPerBlock,
    List<Integer> attentionHeads,
    int crossAttentionDim,
    int normNumGroups,
    double normEps,
    boolean flipSinToCos,
    double freqShift,
    List<Integer> transformerLayers,
    int sampleSize) {

  /** Settings of other architectures, which must be unset. */
  private static final List<String> MUST_BE_UNSET =
      List.of(
          "addition_embed_type",
          "addition_time_embed_dim",
          "class_embed_type",
          "cross_attention_norm",
          "encoder_hid_dim",
          "encoder_hid_dim_type",
          "num_class_embeds",
          "projection_class_embeddings_input_dim",
          "reverse_transformer_layers_per_block",
          "time_cond_proj_dim",
          "time_embedding_act_fn",
          "time_embedding_dim",
          "timestep_post_act");

  private static final List<String> MUST_BE_FALSE =
      List.of(
          "center_input_sample",
          "class_embeddings_concat",
          "dual_cross_attention",
          "mid_block_only_cross_attention",
          "only_cross_attention",
          "resnet_skip_time_act");

  /**
   * Reads config.json.
   *
   * @throws io.lethe.UserError naming the file and a key that asks for what Lethe does not know
   */
  public static UNetConfig from(ComponentConfig json) {
    for (String key : MUST_BE_UNSET) {
      if (json.has(key)) {
        throw json.error(key, "is set; Lethe knows the UNets of Stable Diffusion 1.x and 2.x");
      }
    }
    for (String key : MUST_BE_FALSE) {
      json.mustBe(key, false);
    }
    json.mustBe("act_fn", "silu");
    json.mustBe("attention_type", "default");
    json.mustBe("mid_block_type", "UNetMidBlock2DCrossAttn");
    json.mustBe("resnet_time_scale_shift", "default");
    json.mustBe("time_embedding_type", "positional");
    json.mustBe("conv_in_kernel", 3);
    json.mustBe("conv_out_kernel", 3);
    json.mustBe("downsample_padding", 1);
    json.mustBe("mid_block_scale_factor", 1);
    json.mustBe("resnet_out_scale_factor", 1);
    json.flag("use_linear_projection", false); // either way the same product, channels-last
    List<Integer> channels = json.integers("block_out_channels", List.of(320, 640, 1280, 1280));
    int levels = channels.size();
    String headsKey =
        json.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
    json.has("attention_head_dim");
    return new UNetConfig(
        json.integer("in_channels", 4),
        json.integer("out_channels", 4),
        channels,
        attention(json, "down_block_types", "DownBlock2D", "CrossAttnDownBlock2D", levels),
        attention(json, "up_block_types", "UpBlock2D", "CrossAttnUpBlock2D", levels),
        json.integer("layers_per_block", 2),
        json.integersPerLevel(headsKey, 8, levels),
        json.integer("cross_attention_dim", 1280),
        json.integer("norm_num_groups", 32),
        json.real("norm_eps", 1e-5),
        json.flag("flip_sin_to_cos", true),
        json.real("freq_shift", 0),
        json.integersPerLevel("transformer_layers_per_block", 1, levels),
        json.integer("sample_size", 64));
  }

  /**
   * Whether each block has transformers, from the names of its type; diffusers' default: all but
   * the lowest.
   */
  private static List<Boolean> attention(
      ComponentConfig json, String key, String plain, String cross, int levels) {
    List<String> usual = new ArrayList<>(Collections.nCopies(3, cross));
    usual.add(key.startsWith("down") ? 3 : 0, plain);
    List<String> types = json.texts(key, usual);
    if (types.size() != levels) {
      throw json.error(key, "has " + types.size() + " blocks for " + levels + " levels");
    }
    List<Boolean> result = new ArrayList<>();
    for (String type : types) {
      if (!type.equals(plain) && !type.equals(cross)) {
        throw json.error(key, "names '" + type + "'; Lethe knows " + plain + " and " + cross);
      }
      result.add(type.equals(cross));
    }
    return List.copyOf(result);
  }

  public int levels() {
    return blockOutChannels.size();
  }

  /** Channels of a level; 0 is the finest. */
  public int channels(int level) {
    return blockOutChannels.get(level);
  }

  /** Width of the time embedding: four times the first level. */
  public int timeChannels() {
    return 4 * channels(0);
  }

  public int heads(int level) {
    return attentionHeads.get(level);
  }

  /** Transformer blocks in each transformer of a level. */
  public int transformerLayers(int level) {
    return transformerLayers.get(level);
  }

  public boolean downAttention(int level) {
    return downAttention.get(level);
  }

  /**
   * @param index 0 is the lowest level
   */
  public boolean upAttention(int index) {
    return upAttention.get(index);
  }
}
