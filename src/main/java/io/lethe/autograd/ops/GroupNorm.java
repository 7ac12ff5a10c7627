// Group normalisation, with SiLU fused behind it where the model has one.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y = act(gamma[c] * (x - mean[n, g]) * rstd[n, g] + beta[c])} (Wu and He 2018), act being
 * SiLU or nothing.
 *
 * <p>Shapes: {@code x}, {@code y [n, positions, c]}; {@code gamma}, {@code beta [c]}; mean and rstd
 * {@code [n, groups]} over positions and the c/groups channels of a group. Saved: x, mean, rstd;
 * SiLU's input is computed again in backward.
 */
public final class GroupNorm implements Operation {
  private final int groups;
  private final boolean silu;
  private final Value x;
  private final Value gamma;
  private final Value beta;
  private final Tensor mean;
  private final Tensor rstd;

  private GroupNorm(
      int groups, boolean silu, Value x, Value gamma, Value beta, Tensor mean, Tensor rstd) {
    this.groups = groups;
    this.silu = silu;
    this.x = x;
    this.gamma = gamma;
    this.beta = beta;
    this.mean = mean;
    this.rstd = rstd;
  }

  /** Forward. @param eps added to the variance */
  public static Value apply(
      Tape tape, int groups, double eps, boolean silu, Value x, Value gamma, Value beta) {
    Shapes.requireRank("GroupNorm", x.data(), 3);
    int channels = x.data().shape().dim(2);
    if (groups < 1 || channels % groups != 0) {
      throw new LetheException(
          "GroupNorm: " + channels + " channels do not divide into " + groups + " groups");
    }
    Shapes.require("GroupNorm", gamma.data(), Shape.of(channels));
    Shapes.require("GroupNorm", beta.data(), Shape.of(channels));
    Shape statistics = Shape.of(x.data().shape().dim(0), groups);
    Tensor mean = tape.allocate("groupnorm.mean", statistics);
    Tensor rstd = tape.allocate("groupnorm.rstd", statistics);
    Tensor y = tape.allocate("groupnorm", x.data().shape());
    tape.backend().groupNorm(groups, eps, silu, x.data(), gamma.data(), beta.data(), y, mean, rstd);
    return tape.record(new GroupNorm(groups, silu, x, gamma, beta, mean, rstd), y, x, gamma, beta);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = x.needsGradient() ? tape.allocate("groupnorm.dx", x.data().shape()) : null;
    tape.backend()
        .groupNormBackward(
            groups,
            silu,
            dy,
            x.data(),
            gamma.data(),
            beta.data(),
            mean,
            rstd,
            dx,
            gamma.gradient(),
            beta.gradient());
    tape.scope().free(mean);
    tape.scope().free(rstd);
    if (dx != null) {
      tape.accumulate(x, dx);
    }
  }

  @Override
  public long flops() {
    return (silu ? 12L : 8L) * x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data()) + Shapes.bytes(gamma.data(), beta.data());
  }
}
