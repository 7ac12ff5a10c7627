// The definition of the 2-D convolution and of its two gradients.
package io.lethe.backend.reference;

import io.lethe.backend.ConvShape;
import io.lethe.tensor.Tensor;
import java.util.Arrays;

/**
 * One visit of all (output, filter, channel, tap) combinations, used three ways. Every product
 * {@code x * w} of the forward sum gives {@code dy * w} to {@code dx} and {@code dy * x} to {@code
 * dw}.
 */
final class ReferenceConvolution {
  private ReferenceConvolution() {}

  static void forward(
      ConvShape s, Tensor xTensor, Tensor weightTensor, Tensor biasTensor, Tensor yTensor) {
    Operands operands = new Operands(s.descriptor());
    double[] x = input(operands, "x", s, xTensor);
    double[] w = weight(operands, s, weightTensor);
    double[] bias = operands.optionalInput("bias", biasTensor, s.filters());
    double[] y = operands.output("y", yTensor, outputRows(s), s.filters());
    for (int out = 0; out < outputRows(s); out++) {
      for (int f = 0; f < s.filters(); f++) {
        double sum = bias == null ? 0 : bias[f];
        for (int r = 0; r < s.kernelHeight(); r++) {
          for (int q = 0; q < s.kernelWidth(); q++) {
            int in = inputRow(s, out, r, q);
            for (int c = 0; in >= 0 && c < s.channels(); c++) {
              sum += x[in * s.channels() + c] * w[tap(s, f, c, r, q)];
            }
          }
        }
        y[out * s.filters() + f] = sum;
      }
    }
  }

  static void inputGradient(ConvShape s, Tensor dyTensor, Tensor weightTensor, Tensor dxTensor) {
    Operands operands = new Operands(s.descriptor() + " input gradient");
    double[] dy = operands.input("dy", dyTensor, outputRows(s), s.filters());
    double[] w = weight(operands, s, weightTensor);
    double[] dx = operands.output("dx", dxTensor, inputRows(s), s.channels());
    Arrays.fill(dx, 0);
    for (int out = 0; out < outputRows(s); out++) {
      for (int f = 0; f < s.filters(); f++) {
        for (int r = 0; r < s.kernelHeight(); r++) {
          for (int q = 0; q < s.kernelWidth(); q++) {
            int in = inputRow(s, out, r, q);
            for (int c = 0; in >= 0 && c < s.channels(); c++) {
              dx[in * s.channels() + c] += dy[out * s.filters() + f] * w[tap(s, f, c, r, q)];
            }
          }
        }
      }
    }
  }

  static void weightGradient(ConvShape s, Tensor dyTensor, Tensor xTensor, Tensor dwTensor) {
    Operands operands = new Operands(s.descriptor() + " weight gradient");
    double[] dy = operands.input("dy", dyTensor, outputRows(s), s.filters());
    double[] x = input(operands, "x", s, xTensor);
    double[] dw =
        operands.output(
            "dw", dwTensor, (long) s.filters() * s.channels() * s.kernelHeight(), s.kernelWidth());
    for (int out = 0; out < outputRows(s); out++) {
      for (int f = 0; f < s.filters(); f++) {
        for (int r = 0; r < s.kernelHeight(); r++) {
          for (int q = 0; q < s.kernelWidth(); q++) {
            int in = inputRow(s, out, r, q);
            for (int c = 0; in >= 0 && c < s.channels(); c++) {
              dw[tap(s, f, c, r, q)] += dy[out * s.filters() + f] * x[in * s.channels() + c];
            }
          }
        }
      }
    }
  }

  /**
   * The input pixel that output pixel {@code out} meets under tap (r, q), counted over all samples;
   * -1 in the padding.
   */
  private static int inputRow(ConvShape s, int out, int r, int q) {
    int column = out % s.outWidth();
    int line = out / s.outWidth() % s.outHeight();
    int sample = out / s.outWidth() / s.outHeight();
    int h = line * s.stride() + r - s.padTop();
    int w = column * s.stride() + q - s.padLeft();
    boolean inside = h >= 0 && h < s.height() && w >= 0 && w < s.width();
    return inside ? (sample * s.height() + h) * s.width() + w : -1;
  }

  /** Where {@code w[f, c, r, q]} lies. */
  private static int tap(ConvShape s, int f, int c, int r, int q) {
    return ((f * s.channels() + c) * s.kernelHeight() + r) * s.kernelWidth() + q;
  }

  private static int outputRows(ConvShape s) {
    return s.n() * s.outHeight() * s.outWidth();
  }

  private static int inputRows(ConvShape s) {
    return s.n() * s.height() * s.width();
  }

  private static double[] input(Operands operands, String role, ConvShape s, Tensor x) {
    operands.require(
        s.outHeight() > 0 && s.outWidth() > 0, "the kernel is larger than the padded picture");
    return operands.input(role, x, inputRows(s), s.channels());
  }

  private static double[] weight(Operands operands, ConvShape s, Tensor weight) {
    return operands.weight(
        "weight", weight, (long) s.filters() * s.channels() * s.kernelHeight(), s.kernelWidth());
  }
}
