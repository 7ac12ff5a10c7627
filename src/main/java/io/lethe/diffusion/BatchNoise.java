// Noise for a batch in which every picture has a seed of its own.
package io.lethe.diffusion;

import io.lethe.LetheException;

/**
 * Each picture's part is drawn from its own generator in the order [C,H,W], and turned to
 * channels-last.
 */
final class BatchNoise implements NoiseSource {
  private final TorchRandom[] randoms;
  private final int height;
  private final int width;
  private final int channels;

  BatchNoise(TorchRandom[] randoms, int height, int width, int channels) {
    this.randoms = randoms;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  @Override
  public float[] draw(int count) {
    int size = height * width * channels;
    if (count != randoms.length * size) {
      throw new LetheException(
          count + " normals asked for " + randoms.length + " latents of " + size);
    }
    float[] noise = new float[count];
    for (int n = 0; n < randoms.length; n++) {
      float[] one = Layout.toChannelsLast(randoms[n].randn(size), 1, channels, height, width);
      System.arraycopy(one, 0, noise, n * size, size);
    }
    return noise;
  }
}
