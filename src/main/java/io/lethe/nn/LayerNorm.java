// Layer normalisation with its weights.
package io.lethe.nn;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;

/** Layer normalisation of each row. */
public final class LayerNorm {
  private final Parameter weight;
  private final Parameter bias;
  private final double eps;

  /** {@code weight [width]} and {@code bias [width]} under this path. */
  public LayerNorm(ParameterPath path, int width, double eps) {
    this.weight = path.get("weight", width);
    this.bias = path.get("bias", width);
    this.eps = eps;
  }

  public Value forward(Tape tape, Value x) {
    return io.lethe.autograd.ops.LayerNorm.apply(tape, eps, x, weight.value(), bias.value());
  }
}
