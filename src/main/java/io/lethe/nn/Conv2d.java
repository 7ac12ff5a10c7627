// A 2-D convolution with its weights.
package io.lethe.nn;

import io.lethe.autograd.Tape;
import io.lethe.backend.ConvShape;

/** A convolution over channels-last pictures with a square kernel. */
public final class Conv2d {
  private final Parameter weight;
  private final Parameter bias;
  private final int in;
  private final int out;
  private final int kernel;
  private final int stride;
  private final int padBefore;
  private final int padAfter;

  private Conv2d(
      Parameter weight,
      Parameter bias,
      int in,
      int out,
      int kernel,
      int stride,
      int padBefore,
      int padAfter) {
    this.weight = weight;
    this.bias = bias;
    this.in = in;
    this.out = out;
    this.kernel = kernel;
    this.stride = stride;
    this.padBefore = padBefore;
    this.padAfter = padAfter;
  }

  /**
   * {@code weight [out, in, kernel, kernel]}, {@code bias [out]} under this path; {@code pad} zeros
   * at every side.
   */
  public static Conv2d of(ParameterPath path, int in, int out, int kernel, int stride, int pad) {
    return asymmetric(path, in, out, kernel, stride, pad, pad);
  }

  /**
   * As {@link #of}, with {@code padBefore} zeros at top and left, {@code padAfter} at bottom and
   * right.
   */
  public static Conv2d asymmetric(
      ParameterPath path, int in, int out, int kernel, int stride, int padBefore, int padAfter) {
    return new Conv2d(
        path.get("weight", out, in, kernel, kernel),
        path.get("bias", out),
        in,
        out,
        kernel,
        stride,
        padBefore,
        padAfter);
  }

  /** A convolution without bias: the patch embedding of the vision tower. */
  public static Conv2d withoutBias(ParameterPath path, int in, int out, int kernel, int stride) {
    return new Conv2d(
        path.get("weight", out, in, kernel, kernel), null, in, out, kernel, stride, 0, 0);
  }

  /** {@code x [n, h*w, in]} to {@code [n, p*q, out]}. */
  public FeatureMap forward(Tape tape, FeatureMap x) {
    ConvShape shape =
        new ConvShape(
            x.value().data().shape().dim(0),
            x.height(),
            x.width(),
            in,
            out,
            kernel,
            kernel,
            stride,
            padBefore,
            padBefore,
            padAfter,
            padAfter);
    return new FeatureMap(
        io.lethe.autograd.ops.Conv2d.apply(
            tape, shape, x.value(), weight.value(), bias == null ? null : bias.value()),
        shape.outHeight(),
        shape.outWidth());
  }
}
