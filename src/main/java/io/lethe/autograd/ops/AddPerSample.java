// One vector a sample onto every position: the time embedding inside a ResNet block.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n, p, c] = x[n, p, c] + e[n, c]}.
 *
 * <p>Shapes: {@code x}, {@code y [n, positions, c]}, {@code e [n, c]}. Saved: nothing. Backward:
 * {@code dx = dy}, {@code de = sum over positions}.
 */
public final class AddPerSample implements Operation {
  private final Value x;
  private final Value vector;

  private AddPerSample(Value x, Value vector) {
    this.x = x;
    this.vector = vector;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x, Value vector) {
    Shapes.requireRank("AddPerSample", x.data(), 3);
    Shapes.require(
        "AddPerSample", vector.data(), Shape.of(x.data().shape().dim(0), x.data().shape().dim(2)));
    Tensor y = tape.allocate("addPerSample", x.data().shape());
    tape.backend().addPerSample(x.data(), vector.data(), y);
    return tape.record(new AddPerSample(x, vector), y, x, vector);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    if (x.needsGradient()) {
      Tensor dx = tape.allocate("addPerSample.dx", dy.shape());
      tape.backend().copy(dy, 0, dx, 0, dy.size());
      tape.accumulate(x, dx);
    }
    if (vector.needsGradient()) {
      Tensor de = tape.allocate("addPerSample.de", vector.data().shape());
      tape.backend().sumPositions(dy, de);
      tape.accumulate(vector, de);
    }
  }

  @Override
  public long flops() {
    return x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data()) + Shapes.bytes(vector.data());
  }
}
