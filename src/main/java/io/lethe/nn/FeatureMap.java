// A picture inside a network: its values and how tall and wide it is.
package io.lethe.nn;

import io.lethe.autograd.Value;

/**
 * Channels-last features.
 *
 * @param value {@code [n, height*width, channels]}
 */
public record FeatureMap(Value value, int height, int width) {

  /** Other values on the same grid. */
  public FeatureMap with(Value other) {
    return new FeatureMap(other, height, width);
  }

  public int samples() {
    return value.data().shape().dim(0);
  }

  public int channels() {
    return value.data().shape().dim(2);
  }
}
