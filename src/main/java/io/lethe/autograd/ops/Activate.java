// A pointwise non-linearity.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.Activation;
import io.lethe.tensor.Tensor;

/**
 * {@code y = f(x)} with f one of {@link Activation}.
 *
 * <p>Shapes: any, y as x. Saved: x. Backward: {@code dx = dy * f'(x)}.
 */
public final class Activate implements Operation {
  private final Activation kind;
  private final Value x;

  private Activate(Activation kind, Value x) {
    this.kind = kind;
    this.x = x;
  }

  /** Forward. */
  public static Value apply(Tape tape, Activation kind, Value x) {
    Tensor y = tape.allocate("activate", x.data().shape());
    tape.backend().activation(kind, x.data(), y);
    return tape.record(new Activate(kind, x), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = tape.allocate("activate.dx", x.data().shape());
    tape.backend().activationBackward(kind, dy, x.data(), dx);
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 10L * x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data());
  }
}
