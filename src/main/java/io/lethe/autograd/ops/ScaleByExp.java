// Multiplication by the exponential of a learned scalar: CLIP's temperature.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y = exp(s) * x} with s a scalar leaf (Radford et al. 2021).
 *
 * <p>Shapes: {@code x}, {@code y} any; {@code s} one element. Saved: x, s. Backward: {@code dx =
 * exp(s) dy}, {@code ds += exp(s) sum(dy * x)}.
 */
public final class ScaleByExp implements Operation {
  private final Value x;
  private final Value logScale;

  private ScaleByExp(Value x, Value logScale) {
    this.x = x;
    this.logScale = logScale;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x, Value logScale) {
    if (logScale.data().size() != 1) {
      throw new LetheException("ScaleByExp: " + logScale.data() + " is not one number");
    }
    ScaleByExp operation = new ScaleByExp(x, logScale);
    Tensor y = tape.allocate("scaleByExp", x.data().shape());
    tape.backend().scale(operation.factor(), x.data(), y);
    return tape.record(operation, y, x, logScale);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    if (x.needsGradient()) {
      Tensor dx = tape.allocate("scaleByExp.dx", x.data().shape());
      tape.backend().scale(factor(), dy, dx);
      tape.accumulate(x, dx);
    }
    if (logScale.needsGradient()) {
      // sum(dy * x) as the product of a row and a column.
      int size = x.data().size();
      Tensor inner = tape.allocate("scaleByExp.inner", Shape.of(1, 1));
      tape.backend()
          .gemm(
              false,
              true,
              1,
              1,
              size,
              dy.reshape(Shape.of(1, size)),
              x.data().reshape(Shape.of(1, size)),
              null,
              inner,
              false);
      tape.backend().axpy(factor(), inner.reshape(logScale.data().shape()), logScale.gradient());
      tape.scope().free(inner);
    }
  }

  private double factor() {
    return Math.exp(Scalars.get(logScale.data()));
  }

  @Override
  public long flops() {
    return x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data());
  }
}
