// Group normalisation with its weights.
package io.lethe.nn;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;

/** Group normalisation over {@code [n, positions, channels]}. */
public final class GroupNorm {
  private final Parameter weight;
  private final Parameter bias;
  private final int groups;
  private final double eps;

  /** {@code weight [channels]} and {@code bias [channels]} under this path. */
  public GroupNorm(ParameterPath path, int groups, int channels, double eps) {
    this.weight = path.get("weight", channels);
    this.bias = path.get("bias", channels);
    this.groups = groups;
    this.eps = eps;
  }

  /** The norm alone. */
  public Value forward(Tape tape, Value x) {
    return io.lethe.autograd.ops.GroupNorm.apply(
        tape, groups, eps, false, x, weight.value(), bias.value());
  }

  /** The norm with SiLU behind it, in one pass. */
  public Value forwardSilu(Tape tape, Value x) {
    return io.lethe.autograd.ops.GroupNorm.apply(
        tape, groups, eps, true, x, weight.value(), bias.value());
  }
}
