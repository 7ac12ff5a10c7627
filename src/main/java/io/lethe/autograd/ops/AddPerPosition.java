// A learned table of position embeddings onto every sample.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n, t, c] = x[n, t, c] + table[t, c]}.
 *
 * <p>Shapes: {@code x}, {@code y [n, t, c]}, {@code table [t, c]} a leaf in compute memory. Saved:
 * nothing. Backward: {@code dx = dy}, {@code dtable += sum over samples}.
 */
public final class AddPerPosition implements Operation {
  private final Value x;
  private final Value table;

  private AddPerPosition(Value x, Value table) {
    this.x = x;
    this.table = table;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x, Value table) {
    Shapes.requireRank("AddPerPosition", x.data(), 3);
    Shapes.require(
        "AddPerPosition", table.data(), Shape.of(x.data().shape().dim(1), x.data().shape().dim(2)));
    Tensor y = tape.allocate("addPerPosition", x.data().shape());
    tape.backend().addPerPosition(x.data(), table.data(), y);
    return tape.record(new AddPerPosition(x, table), y, x, table);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    if (x.needsGradient()) {
      Tensor dx = tape.allocate("addPerPosition.dx", dy.shape());
      tape.backend().copy(dy, 0, dx, 0, dy.size());
      tape.accumulate(x, dx);
    }
    if (table.needsGradient()) {
      tape.backend().sumSamples(dy, table.gradient());
    }
  }

  @Override
  public long flops() {
    return x.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(x.data()) + Shapes.bytes(table.data());
  }
}
