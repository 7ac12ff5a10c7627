// Sequences without their first tokens: the reverse of prepending.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n, i] = x[n, count + i]}.
 *
 * <p>Shapes: {@code x [n, t, c]}, {@code y [n, t - count, c]}. Saved: nothing. Backward: dx is dy
 * after {@code count} rows of zeros.
 */
public final class DropTokens implements Operation {
  private final Value x;
  private final int count;

  private DropTokens(Value x, int count) {
    this.x = x;
    this.count = count;
  }

  /** Forward. @param count how many tokens to drop, fewer than there are */
  public static Value apply(Tape tape, Value x, int count) {
    Shapes.requireRank("DropTokens", x.data(), 3);
    Shape in = x.data().shape();
    if (count < 0 || count >= in.dim(1)) {
      throw new LetheException("DropTokens: " + count + " tokens cannot go from " + x.data());
    }
    int kept = in.dim(1) - count;
    int width = in.dim(2);
    Tensor y = tape.allocate("drop", Shape.of(in.dim(0), kept, width));
    for (int n = 0; n < in.dim(0); n++) {
      tape.backend()
          .copy(x.data(), (n * in.dim(1) + count) * width, y, n * kept * width, kept * width);
    }
    return tape.record(new DropTokens(x, count), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Shape in = x.data().shape();
    int kept = in.dim(1) - count;
    int width = in.dim(2);
    Tensor dx = tape.zeros("drop.dx", in);
    for (int n = 0; n < in.dim(0); n++) {
      tape.backend().copy(dy, n * kept * width, dx, (n * in.dim(1) + count) * width, kept * width);
    }
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2L
        * Float.BYTES
        * x.data().shape().dim(0)
        * (x.data().shape().dim(1) - count)
        * x.data().shape().dim(2);
  }
}
