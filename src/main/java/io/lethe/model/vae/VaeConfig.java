// What vae/config.json says, with diffusers' defaults for what it does not.
package io.lethe.model.vae;

import io.lethe.weights.ComponentConfig;
import java.util.List;

/**
 * The configuration of an {@link AutoencoderKL}.
 *
 * @param scalingFactor latents are multiplied by it before the UNet sees them
 * @param shiftFactor subtracted from latents before scaling; 0 in all Stable Diffusion 1.x and 2.x
 */
public record VaeConfig(
    int inChannels,
    int outChannels,
    int latentChannels,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    int normNumGroups,
    double scalingFactor,
    double shiftFactor,
    boolean midBlockAddAttention,
    boolean useQuantConv,
    boolean usePostQuantConv) {

  /** Added to the variance in every norm of the autoencoder. */
  static final double EPS = 1e-6;

  /**
   * Reads config.json.
   *
   * @throws io.lethe.UserError naming the file and a key that asks for what Lethe does not know
   */
  public static VaeConfig from(ComponentConfig json) {
    json.mustBe("act_fn", "silu");
    for (String key : List.of("latents_mean", "latents_std")) {
      if (json.has(key)) {
        throw json.error(
            key, "is set; Lethe knows the autoencoders of Stable Diffusion 1.x and 2.x");
      }
    }
    List<Integer> channels = json.integers("block_out_channels", List.of(64));
    requireTypes(json, "down_block_types", "DownEncoderBlock2D", channels.size());
    requireTypes(json, "up_block_types", "UpDecoderBlock2D", channels.size());
    return new VaeConfig(
        json.integer("in_channels", 3),
        json.integer("out_channels", 3),
        json.integer("latent_channels", 4),
        channels,
        json.integer("layers_per_block", 1),
        json.integer("norm_num_groups", 32),
        json.real("scaling_factor", 0.18215),
        json.has("shift_factor") ? json.real("shift_factor", 0) : 0,
        json.flag("mid_block_add_attention", true),
        json.flag("use_quant_conv", true),
        json.flag("use_post_quant_conv", true));
  }

  private static void requireTypes(ComponentConfig json, String key, String type, int levels) {
    List<String> types = json.texts(key, List.of(type));
    if (types.size() != levels || !types.stream().allMatch(type::equals)) {
      throw json.error(key, "should be " + levels + " times " + type);
    }
  }

  public int levels() {
    return blockOutChannels.size();
  }

  public int channels(int level) {
    return blockOutChannels.get(level);
  }

  /** Pixels for each latent position along a side. */
  public int factor() {
    return 1 << (levels() - 1);
  }
}
