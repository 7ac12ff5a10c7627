// A fully connected layer with its weights.
package io.lethe.nn;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;

/** {@code y = x W^T + b}; also a 1x1 convolution, whose weight is the same memory. */
public final class Linear {
  private final Parameter weight;
  private final Parameter bias;

  private Linear(Parameter weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
  }

  /** {@code weight [out, in]} and {@code bias [out]} under this path. */
  public static Linear withBias(ParameterPath path, int in, int out) {
    return new Linear(path.get("weight", out, in), path.get("bias", out));
  }

  /** {@code weight [out, in]} alone. */
  public static Linear withoutBias(ParameterPath path, int in, int out) {
    return new Linear(path.get("weight", out, in), null);
  }

  /** {@code x [..., in]} to {@code [..., out]}. */
  public Value forward(Tape tape, Value x) {
    return io.lethe.autograd.ops.Linear.apply(
        tape, x, weight.value(), bias == null ? null : bias.value());
  }
}
