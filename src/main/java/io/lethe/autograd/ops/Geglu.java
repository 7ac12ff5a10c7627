// The gated GELU of the transformer's feed-forward.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Tensor;

/**
 * {@code y = value * gelu(gate)} with {@code x = [value | gate]} (Shazeer 2020), GELU exact.
 *
 * <p>Shapes: {@code x [..., 2c]}, {@code y [..., c]}. Saved: x.
 */
public final class Geglu implements Operation {
  private final Value x;

  private Geglu(Value x) {
    this.x = x;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x) {
    Tensor y = tape.allocate("geglu", x.data().shape().withLast(x.data().shape().dim(-1) / 2));
    tape.backend().geglu(x.data(), y);
    return tape.record(new Geglu(x), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = tape.allocate("geglu.dx", x.data().shape());
    tape.backend().gegluBackward(dy, x.data(), dx);
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 8L * x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 3 * Shapes.bytes(x.data()) / 2;
  }
}
