// Rows of unit length: CLIP's embeddings.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y = x / ||x||_2} for each row.
 *
 * <p>Shapes: {@code x}, {@code y [rows, c]}. Saved: y and the norms. Backward: {@code dx = (dy - y
 * <y, dy>) / ||x||}.
 */
public final class NormalizeRows implements Operation {
  private final Value x;
  private final Tensor y;
  private final Tensor norm;

  private NormalizeRows(Value x, Tensor y, Tensor norm) {
    this.x = x;
    this.y = y;
    this.norm = norm;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x) {
    Tensor y = tape.allocate("normalize", x.data().shape());
    Tensor norm = tape.allocate("normalize.norm", Shape.of(x.data().shape().rows()));
    tape.backend().normalizeRows(x.data(), y, norm);
    return tape.record(new NormalizeRows(x, y, norm), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = tape.allocate("normalize.dx", x.data().shape());
    tape.backend().normalizeRowsBackward(dy, y, norm, dx);
    tape.scope().free(norm);
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 3L * x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data());
  }
}
