// The loss of every denoiser: mean squared error, one weight a sample.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code loss = mean_n w[n] * mean_i (x[n, i] - target[n, i])^2}.
 *
 * <p>Shapes: {@code x}, {@code target [n, ...]} alike, {@code w [n]} or null for ones, loss {@code
 * [1]}. Saved: x, target. Backward: {@code dx = 2 w (x - target) / count}. A negative weight makes
 * an ascent.
 */
public final class MeanSquaredError implements Operation {
  private final Value x;
  private final Tensor target;
  private final double[] weights;

  private MeanSquaredError(Value x, Tensor target, double[] weights) {
    this.x = x;
    this.target = target;
    this.weights = weights;
  }

  /** Forward. @param weights one a sample, or null */
  public static Value apply(Tape tape, Value x, Tensor target, double[] weights) {
    Shapes.require("MeanSquaredError", target, x.data().shape());
    if (weights != null && weights.length != target.shape().dim(0)) {
      throw new LetheException("MeanSquaredError: " + weights.length + " weights for " + target);
    }
    double loss = tape.backend().meanSquaredError(x.data(), target, weights);
    Tensor result = tape.allocate("meanSquaredError", Shape.of(1));
    Scalars.set(result, loss);
    return tape.record(new MeanSquaredError(x, target, weights), result, x);
  }

  @Override
  public void backward(Tape tape, Tensor dloss) {
    Tensor dx = tape.allocate("meanSquaredError.dx", x.data().shape());
    tape.backend().meanSquaredErrorBackward(Scalars.get(dloss), x.data(), target, weights, dx);
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 3L * x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return Shapes.bytes(x.data(), target);
  }
}
