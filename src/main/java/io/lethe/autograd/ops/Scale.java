// Multiplication by a constant.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Tensor;

/**
 * {@code y = alpha * x}. Shapes: any, y as x. Saved: nothing. Backward: {@code dx = alpha * dy}.
 */
public final class Scale implements Operation {
  private final double alpha;
  private final Value x;

  private Scale(double alpha, Value x) {
    this.alpha = alpha;
    this.x = x;
  }

  /** Forward. */
  public static Value apply(Tape tape, double alpha, Value x) {
    Tensor y = tape.allocate("scale", x.data().shape());
    tape.backend().scale(alpha, x.data(), y);
    return tape.record(new Scale(alpha, x), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = tape.allocate("scale.dx", x.data().shape());
    tape.backend().scale(alpha, dy, dx);
    tape.accumulate(x, dx);
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
