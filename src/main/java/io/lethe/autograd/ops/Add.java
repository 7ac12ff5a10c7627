// The sum of two values of one shape: a residual connection.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Tensor;

/**
 * {@code y = a + b}.
 *
 * <p>Shapes: all the same. Saved: nothing. Backward: dy to both.
 */
public final class Add implements Operation {
  private final Value a;
  private final Value b;

  private Add(Value a, Value b) {
    this.a = a;
    this.b = b;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value a, Value b) {
    Shapes.require("Add", b.data(), a.data().shape());
    Tensor y = tape.allocate("add", a.data().shape());
    tape.backend().add(a.data(), b.data(), y);
    return tape.record(new Add(a, b), y, a, b);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    send(tape, a, dy);
    send(tape, b, dy);
  }

  // The tape frees dy after this call and each input owns its gradient, so both get a copy.
  private static void send(Tape tape, Value input, Tensor dy) {
    if (input.needsGradient()) {
      Tensor copy = tape.allocate("add.d", dy.shape());
      tape.backend().copy(dy, 0, copy, 0, dy.size());
      tape.accumulate(input, copy);
    }
  }

  @Override
  public long flops() {
    return a.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 3 * Shapes.bytes(a.data());
  }
}
