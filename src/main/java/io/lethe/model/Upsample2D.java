// Doubles a picture: nearest neighbour, then a 3x3 convolution.
package io.lethe.model;

import io.lethe.autograd.Tape;
import io.lethe.autograd.ops.UpsampleNearest;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.ParameterPath;

/** {@code conv(nearest2x(x))}. */
public final class Upsample2D {
  private final Conv2d conv;

  public Upsample2D(ParameterPath path, int channels) {
    this.conv = Conv2d.of(path.child("conv"), channels, channels, 3, 1, 1);
  }

  public FeatureMap forward(Tape tape, FeatureMap x) {
    int height = 2 * x.height();
    int width = 2 * x.width();
    return new FeatureMap(
        tape.block(() -> {
          FeatureMap doubled =
              new FeatureMap(
                  UpsampleNearest.apply(tape, x.height(), x.width(), x.value()), height, width);
          return conv.forward(tape, doubled).value();
        }),
        height,
        width);
  }
}
