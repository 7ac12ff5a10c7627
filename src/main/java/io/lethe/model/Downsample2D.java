// Halves a picture with a strided 3x3 convolution.
package io.lethe.model;

import io.lethe.autograd.Tape;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.ParameterPath;

/**
 * A 3x3 convolution of stride 2. The UNet pads one zero at all sides, the VAE's encoder at right
 * and bottom only.
 */
public final class Downsample2D {
  private final Conv2d conv;

  /**
   * @param padding 1 in the UNet; 0 means the VAE's asymmetric padding
   */
  public Downsample2D(ParameterPath path, int channels, int padding) {
    ParameterPath conv = path.child("conv");
    this.conv =
        padding == 0
            ? Conv2d.asymmetric(conv, channels, channels, 3, 2, 0, 1)
            : Conv2d.of(conv, channels, channels, 3, 2, padding);
  }

  public FeatureMap forward(Tape tape, FeatureMap x) {
    return conv.forward(tape, x);
  }
}
