// Collects the names and shapes of a component's tensors.
package io.lethe.weightstools;

import io.lethe.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names as in the checkpoint, shapes channels first; layers are added by what they are. */
final class TensorList {
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  Map<String, Shape> shapes() {
    return shapes;
  }

  void add(String name, long... extents) {
    if (shapes.put(name, Shape.of(extents)) != null) {
      throw new IllegalStateException("tensor " + name + " was listed twice");
    }
  }

  /** Scale and shift of a group or layer norm. */
  void norm(String path, int channels) {
    add(path + ".weight", channels);
    add(path + ".bias", channels);
  }

  /** y = x W^T + b, W [out, in]. */
  void linear(String path, int out, int in) {
    add(path + ".weight", out, in);
    add(path + ".bias", out);
  }

  /** A square convolution with bias, [out, in, kernel, kernel]. */
  void convolution(String path, int out, int in, int kernel) {
    add(path + ".weight", out, in, kernel, kernel);
    add(path + ".bias", out);
  }

  /** Norm, 3x3, norm, 3x3, and a 1x1 beside them where the channels change. */
  void resnet(String path, int out, int in, int timeChannels) {
    norm(path + ".norm1", in);
    convolution(path + ".conv1", out, in, 3);
    if (timeChannels > 0) {
      linear(path + ".time_emb_proj", out, timeChannels);
    }
    norm(path + ".norm2", out);
    convolution(path + ".conv2", out, out, 3);
    if (in != out) {
      convolution(path + ".conv_shortcut", out, in, 1);
    }
  }
}
