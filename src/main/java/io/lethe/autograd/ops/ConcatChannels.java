// Two pictures side by side in the channel axis: the UNet's skip connection.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Tensor;

/**
 * {@code y = [a | b]} in the innermost axis.
 *
 * <p>Shapes: {@code a [n, p, ca]}, {@code b [n, p, cb]}, {@code y [n, p, ca + cb]}. Saved: nothing.
 * Backward: dy is split.
 */
public final class ConcatChannels implements Operation {
  private final Value a;
  private final Value b;

  private ConcatChannels(Value a, Value b) {
    this.a = a;
    this.b = b;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value a, Value b) {
    int channelsA = a.data().shape().dim(-1);
    int channelsB = b.data().shape().dim(-1);
    Shapes.require("ConcatChannels", b.data(), a.data().shape().withLast(channelsB));
    Tensor y = tape.allocate("concat", a.data().shape().withLast((long) channelsA + channelsB));
    tape.backend().concatChannels(a.data(), b.data(), y);
    return tape.record(new ConcatChannels(a, b), y, a, b);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor da = a.needsGradient() ? tape.allocate("concat.da", a.data().shape()) : null;
    Tensor db = b.needsGradient() ? tape.allocate("concat.db", b.data().shape()) : null;
    tape.backend().splitChannels(dy, a.data().shape().dim(-1), da, db);
    if (da != null) {
      tape.accumulate(a, da);
    }
    if (db != null) {
      tape.accumulate(b, db);
    }
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(a.data(), b.data());
  }
}
