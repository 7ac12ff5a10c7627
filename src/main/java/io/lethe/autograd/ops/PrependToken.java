// Tokens that every sequence begins with: the class embedding of the vision tower, a shared
// beginning
// of texts.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n] = [token; x[n]]} along the sequence.
 *
 * <p>Shapes: {@code token [c]} or {@code [p, c]} a leaf, {@code x [n, t, c]}, {@code y [n, p + t,
 * c]}. Saved: nothing. Backward: dx is dy without its first rows, {@code dtoken += } the sum of
 * these rows.
 */
public final class PrependToken implements Operation {
  private final Value token;
  private final Value x;

  private PrependToken(Value token, Value x) {
    this.token = token;
    this.x = x;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value token, Value x) {
    Shapes.requireRank("PrependToken", x.data(), 3);
    Shape in = x.data().shape();
    int width = in.dim(2);
    int before = token.data().size();
    int block = in.dim(1) * width;
    Shape one = Shape.of(width);
    int rank = token.data().shape().rank();
    Shapes.require(
        "PrependToken",
        token.data(),
        rank == 1 ? one : Shape.of(token.data().shape().rows(), width));
    Tensor y = tape.allocate("prepend", Shape.of(in.dim(0), before / width + in.dim(1), width));
    for (int n = 0; n < in.dim(0); n++) {
      tape.backend().copy(token.data(), 0, y, n * (block + before), before);
      tape.backend().copy(x.data(), n * block, y, n * (block + before) + before, block);
    }
    return tape.record(new PrependToken(token, x), y, token, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Shape in = x.data().shape();
    int before = token.data().size();
    int block = in.dim(1) * in.dim(2);
    if (x.needsGradient()) {
      Tensor dx = tape.allocate("prepend.dx", in);
      for (int n = 0; n < in.dim(0); n++) {
        tape.backend().copy(dy, n * (block + before) + before, dx, n * block, block);
      }
      tape.accumulate(x, dx);
    }
    if (token.needsGradient()) {
      Tensor rows = tape.allocate("prepend.dtoken", Shape.of(in.dim(0), before));
      for (int n = 0; n < in.dim(0); n++) {
        tape.backend().copy(dy, n * (block + before), rows, n * before, before);
      }
      tape.backend().sumRows(rows, token.gradient().reshape(Shape.of(before)));
      tape.scope().free(rows);
    }
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data());
  }
}
