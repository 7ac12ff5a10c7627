// y = x W^T + b: a fully connected layer.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y = x W^T + b}.
 *
 * <p>Shapes: {@code x [..., in]}, {@code W [out, in]}, {@code b [out]} or null, {@code y [...,
 * out]}. A 1x1 convolution's weight {@code [out, in, 1, 1]} is the same memory, asked for as {@code
 * [out, in]}. Saved: x and W. Backward: {@code dx = dy W}, {@code dW += dy^T x}, {@code db += sum
 * of rows of dy}.
 */
public final class Linear implements Operation {
  private final Value x;
  private final Value weight;
  private final Value bias;

  private Linear(Value x, Value weight, Value bias) {
    this.x = x;
    this.weight = weight;
    this.bias = bias;
  }

  /** Forward. @param bias may be null */
  public static Value apply(Tape tape, Value x, Value weight, Value bias) {
    Linear linear = new Linear(x, weight, bias);
    int out = linear.out();
    Shapes.require("Linear", weight.data(), Shape.of(out, linear.in()));
    Tensor y = tape.allocate("linear", x.data().shape().withLast(out));
    tape.backend()
        .gemm(
            false,
            true,
            linear.rows(),
            out,
            linear.in(),
            x.data(),
            weight.data(),
            bias == null ? null : bias.data(),
            y,
            false);
    return tape.record(linear, y, x, weight, bias);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    if (x.needsGradient()) {
      Tensor dx = tape.allocate("linear.dx", x.data().shape());
      tape.backend().gemm(false, false, rows(), in(), out(), dy, weight.data(), null, dx, false);
      tape.accumulate(x, dx);
    }
    if (weight.needsGradient()) {
      tape.backend()
          .gemm(true, false, out(), in(), rows(), dy, x.data(), null, weight.gradient(), true);
    }
    if (bias != null && bias.needsGradient()) {
      tape.backend().sumRows(dy, bias.gradient());
    }
  }

  private int rows() {
    return x.data().shape().rows();
  }

  private int in() {
    return x.data().shape().dim(-1);
  }

  private int out() {
    return weight.data().shape().dim(0);
  }

  @Override
  public long flops() {
    return 2L * rows() * in() * out();
  }

  @Override
  public long bytes() {
    return Shapes.bytes(x.data(), weight.data(), bias == null ? null : bias.data())
        + 4L * rows() * out();
  }
}
