// Where a sampler gets its noise.
package io.lethe.diffusion;

/**
 * Gives normals for a latent, in the latent's own layout; so that samplers need to know nothing of
 * layouts nor of which picture of a batch has which seed.
 */
@FunctionalInterface
public interface NoiseSource {
  /** This many normals of mean 0 and variance 1. */
  float[] draw(int count);

  /** Noise in the generator's own order: latents {@code [N,C,H,W]}. */
  static NoiseSource channelsFirst(TorchRandom random) {
    return random::randn;
  }

  /** Noise drawn for {@code [N,C,H,W]}, as latents {@code [N,H,W,C]}. */
  static NoiseSource channelsLast(TorchRandom random, int n, int c, int h, int w) {
    return count -> Layout.toChannelsLast(random.randn(count), n, c, h, w);
  }

  /** For samplers that draw none: any draw is an error. */
  static NoiseSource none() {
    return count -> {
      throw new IllegalStateException("noise was asked of a source that has none");
    };
  }
}
