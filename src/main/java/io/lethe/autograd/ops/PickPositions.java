// One position of each sequence: the end-of-text token that CLIP pools.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n] = x[n, positions[n]]}.
 *
 * <p>Shapes: {@code x [n, t, c]}, {@code positions [n]}, {@code y [n, c]}. Saved: the positions.
 * Backward: dy at these rows, zeros elsewhere.
 */
public final class PickPositions implements Operation {
  private final Value x;
  private final int[] rows;

  private PickPositions(Value x, int[] rows) {
    this.x = x;
    this.rows = rows;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value x, int[] positions) {
    Shapes.requireRank("PickPositions", x.data(), 3);
    int length = x.data().shape().dim(1);
    if (positions.length != x.data().shape().dim(0)) {
      throw new LetheException("PickPositions: " + positions.length + " positions for " + x.data());
    }
    int[] rows = new int[positions.length];
    for (int n = 0; n < rows.length; n++) {
      if (positions[n] < 0 || positions[n] >= length) {
        throw new LetheException("PickPositions: no position " + positions[n] + " in " + x.data());
      }
      rows[n] = n * length + positions[n];
    }
    PickPositions operation = new PickPositions(x, rows);
    Tensor y = tape.allocate("pick", Shape.of(rows.length, x.data().shape().dim(2)));
    tape.backend().gatherRows(operation.flat(x.data()), rows, y);
    return tape.record(operation, y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = tape.zeros("pick.dx", x.data().shape());
    tape.backend().scatterAddRows(dy, rows, flat(dx));
    tape.accumulate(x, dx);
  }

  private Tensor flat(Tensor tensor) {
    return tensor.reshape(Shape.of(tensor.shape().rows(), tensor.shape().dim(-1)));
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 8L * rows.length * x.data().shape().dim(2);
  }
}
