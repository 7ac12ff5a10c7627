// What vae/config.json says, with diffusers' defaults for what it does not.
package io.lethe.model.vae;

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
