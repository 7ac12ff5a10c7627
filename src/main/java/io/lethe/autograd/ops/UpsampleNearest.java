// Nearest-neighbour doubling of a picture.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n, 2i+a, 2j+b, c] = x[n, i, j, c]} for a, b in {0, 1}.
 *
 * <p>Shapes: {@code x [n, h*w, c]}, {@code y [n, 2h*2w, c]}. Saved: nothing. Backward: the sum of
 * each 2x2 block.
 */
public final class UpsampleNearest implements Operation {
  private final int height;
  private final int width;
  private final Value x;

  private UpsampleNearest(int height, int width, Value x) {
    this.height = height;
    this.width = width;
    this.x = x;
  }

  /** Forward. */
  public static Value apply(Tape tape, int height, int width, Value x) {
    Shape in = x.data().shape();
    Shapes.require(
        "UpsampleNearest", x.data(), Shape.of(in.dim(0), (long) height * width, in.dim(2)));
    Tensor y = tape.allocate("upsample", Shape.of(in.dim(0), 4L * height * width, in.dim(2)));
    tape.backend().upsampleNearest(height, width, x.data(), y);
    return tape.record(new UpsampleNearest(height, width, x), y, x);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    Tensor dx = tape.allocate("upsample.dx", x.data().shape());
    tape.backend().upsampleNearestBackward(height, width, dy, dx);
    tape.accumulate(x, dx);
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 5 * Shapes.bytes(x.data());
  }
}
