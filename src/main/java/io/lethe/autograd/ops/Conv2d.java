// 2-D convolution over channels-last pictures.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.ConvShape;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n, p, q, f] = b[f] + sum_{c,r,s} x[n, p*stride + r - pad, q*stride + s - pad, c] W[f, c,
 * r, s]}.
 *
 * <p>Shapes: {@code x [n, h*w, c]}, {@code W [f, c, r, s]} as in the checkpoint, {@code b [f]} or
 * null, {@code y [n, p*q, f]}. Saved: x and W. Backward: dx is the transposed convolution of dy,
 * {@code dW += } the correlation of x with dy, {@code db += sum of dy over samples and positions}.
 * Cost: {@code 2 n p q f c r s} operations.
 */
public final class Conv2d implements Operation {
  private final ConvShape shape;
  private final Value x;
  private final Value weight;
  private final Value bias;

  private Conv2d(ConvShape shape, Value x, Value weight, Value bias) {
    this.shape = shape;
    this.x = x;
    this.weight = weight;
    this.bias = bias;
  }

  /** Forward. @param bias may be null */
  public static Value apply(Tape tape, ConvShape shape, Value x, Value weight, Value bias) {
    Shapes.require(
        "Conv2d",
        x.data(),
        Shape.of(shape.n(), (long) shape.height() * shape.width(), shape.channels()));
    Shapes.require(
        "Conv2d",
        weight.data(),
        Shape.of(shape.filters(), shape.channels(), shape.kernelHeight(), shape.kernelWidth()));
    Tensor y =
        tape.allocate(
            "conv2d",
            Shape.of(shape.n(), (long) shape.outHeight() * shape.outWidth(), shape.filters()));
    tape.backend().conv2d(shape, x.data(), weight.data(), bias == null ? null : bias.data(), y);
    return tape.record(new Conv2d(shape, x, weight, bias), y, x, weight, bias);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    if (x.needsGradient()) {
      Tensor dx = tape.allocate("conv2d.dx", x.data().shape());
      tape.backend().conv2dInputGradient(shape, dy, weight.data(), dx);
      tape.accumulate(x, dx);
    }
    if (weight.needsGradient()) {
      tape.backend().conv2dWeightGradient(shape, dy, x.data(), weight.gradient());
    }
    if (bias != null && bias.needsGradient()) {
      tape.backend().sumRows(dy, bias.gradient());
    }
  }

  @Override
  public long flops() {
    return shape.flops();
  }

  @Override
  public long bytes() {
    return Shapes.bytes(x.data(), weight.data(), bias == null ? null : bias.data())
        + 4L * shape.n() * shape.outHeight() * shape.outWidth() * shape.filters();
  }
}
