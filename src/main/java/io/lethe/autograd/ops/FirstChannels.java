// The leading channels: the mean out of the VAE encoder's mean and log variance.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y = x[..., 0 : count]}.
 *
 * <p>Shapes: {@code x [n, p, c]}, {@code y [n, p, count]}. Saved: nothing. Backward: dy, and zeros
 * for the rest.
 */
public final class FirstChannels implements Operation {
  private final Value x;
  private final int count;

  private FirstChannels(Value x, int count) {
    this.x = x;
    this.count = count;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x, int count) {
    if (count < 1 || count > x.data().shape().dim(-1)) {
      throw new LetheException("FirstChannels: " + x.data() + " has no " + count + " channels");
    }
    Tensor y = tape.allocate("firstChannels", x.data().shape().withLast(count));
    tape.backend().splitChannels(x.data(), count, y, null);
    return tape.record(new FirstChannels(x, count), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Shape shape = x.data().shape();
    Tensor dx = tape.allocate("firstChannels.dx", shape);
    Tensor rest = tape.zeros("zeros", shape.withLast(shape.dim(-1) - (long) count));
    tape.backend().concatChannels(dy, rest, dx);
    tape.scope().free(rest);
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2L * Shapes.bytes(x.data()) * count / x.data().shape().dim(-1);
  }
}
