// Layer normalisation of each row.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y = gamma * (x - mean) * rstd + beta} over the innermost axis (Ba et al. 2016).
 *
 * <p>Shapes: {@code x}, {@code y [..., c]}; {@code gamma}, {@code beta [c]}. Saved: x, mean and
 * rstd {@code [rows]}.
 */
public final class LayerNorm implements Operation {
  private final Value x;
  private final Value gamma;
  private final Value beta;
  private final Tensor mean;
  private final Tensor rstd;

  private LayerNorm(Value x, Value gamma, Value beta, Tensor mean, Tensor rstd) {
    this.x = x;
    this.gamma = gamma;
    this.beta = beta;
    this.mean = mean;
    this.rstd = rstd;
  }

  /** Forward. @param eps added to the variance */
  public static Value apply(Tape tape, double eps, Value x, Value gamma, Value beta) {
    Shape width = Shape.of(x.data().shape().dim(-1));
    Shapes.require("LayerNorm", gamma.data(), width);
    Shapes.require("LayerNorm", beta.data(), width);
    Shape statistics = Shape.of(x.data().shape().rows());
    Tensor mean = tape.allocate("layernorm.mean", statistics);
    Tensor rstd = tape.allocate("layernorm.rstd", statistics);
    Tensor y = tape.allocate("layernorm", x.data().shape());
    tape.backend().layerNorm(eps, x.data(), gamma.data(), beta.data(), y, mean, rstd);
    return tape.record(new LayerNorm(x, gamma, beta, mean, rstd), y, x, gamma, beta);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = x.needsGradient() ? tape.allocate("layernorm.dx", x.data().shape()) : null;
    tape.backend()
        .layerNormBackward(
            dy, x.data(), gamma.data(), mean, rstd, dx, gamma.gradient(), beta.gradient());
    tape.scope().free(mean);
    tape.scope().free(rstd);
    if (dx != null) {
      tape.accumulate(x, dx);
    }
  }

  @Override
  public long flops() {
    return 8L * x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data()) + Shapes.bytes(gamma.data(), beta.data());
  }
}
