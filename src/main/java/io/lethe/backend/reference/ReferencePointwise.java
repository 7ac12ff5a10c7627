// The definitions of the activations and of the sums between tensors of one shape.
package io.lethe.backend.reference;

import io.lethe.backend.Activation;
import io.lethe.tensor.Tensor;
import org.apache.commons.math3.special.Erf;

/** What works element by element. */
final class ReferencePointwise {
  private ReferencePointwise() {}

  static void activation(Activation kind, Tensor xTensor, Tensor yTensor) {
    Operands operands = new Operands("activation " + kind);
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] y = operands.output("y", yTensor, x.length);
    for (int i = 0; i < x.length; i++) {
      y[i] = value(kind, x[i]);
    }
  }

  static void activationBackward(
      Activation kind, Tensor dyTensor, Tensor xTensor, Tensor dxTensor) {
    Operands operands = new Operands("activationBackward " + kind);
    double[] dy = operands.input("dy", dyTensor, dyTensor.size());
    double[] x = operands.input("x", xTensor, dy.length);
    double[] dx = operands.output("dx", dxTensor, dy.length);
    for (int i = 0; i < x.length; i++) {
      dx[i] = dy[i] * derivative(kind, x[i]);
    }
  }

  /** {@code f(x)}. */
  static double value(Activation kind, double x) {
    return switch (kind) {
      case SILU -> x * sigma(x);
      case GELU -> x * phi(x);
      case QUICK_GELU -> x * sigma(1.702 * x);
    };
  }

  /** {@code f'(x)}; of {@code x * s(a x)} that is {@code s + a x s (1 - s)}. */
  static double derivative(Activation kind, double x) {
    return switch (kind) {
      case SILU -> sigma(x) + x * sigma(x) * sigma(-x);
      case GELU -> phi(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case QUICK_GELU -> sigma(1.702 * x) + 1.702 * x * sigma(1.702 * x) * sigma(-1.702 * x);
    };
  }

  /** The logistic function. */
  private static double sigma(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** The normal distribution function; by erfc, which keeps its digits in the lower tail. */
  private static double phi(double x) {
    return 0.5 * Erf.erfc(-x / Math.sqrt(2));
  }

  static void geglu(Tensor xTensor, Tensor yTensor) {
    Operands operands = new Operands("geglu");
    int c = half(operands, xTensor);
    int rows = xTensor.shape().rows();
    double[] x = operands.input("x", xTensor, rows, 2L * c);
    double[] y = operands.output("y", yTensor, rows, c);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < c; i++) {
        y[row * c + i] = x[row * 2 * c + i] * value(Activation.GELU, x[row * 2 * c + c + i]);
      }
    }
  }

  static void gegluBackward(Tensor dyTensor, Tensor xTensor, Tensor dxTensor) {
    Operands operands = new Operands("gegluBackward");
    int c = half(operands, xTensor);
    int rows = xTensor.shape().rows();
    double[] dy = operands.input("dy", dyTensor, rows, c);
    double[] x = operands.input("x", xTensor, rows, 2L * c);
    double[] dx = operands.output("dx", dxTensor, rows, 2L * c);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < c; i++) {
        double up = dy[row * c + i];
        int at = row * 2 * c + i;
        dx[at] = up * value(Activation.GELU, x[at + c]);
        dx[at + c] = up * x[at] * derivative(Activation.GELU, x[at + c]);
      }
    }
  }

  private static int half(Operands operands, Tensor x) {
    operands.require(x.shape().dim(-1) % 2 == 0, "x " + x.shape() + " has no two halves");
    return x.shape().dim(-1) / 2;
  }

  static void add(Tensor aTensor, Tensor bTensor, Tensor outTensor) {
    Operands operands = new Operands("add");
    double[] a = operands.input("a", aTensor, aTensor.size());
    double[] b = operands.input("b", bTensor, a.length);
    double[] out = operands.output("out", outTensor, a.length);
    for (int i = 0; i < a.length; i++) {
      out[i] = a[i] + b[i];
    }
  }

  static void axpy(double alpha, Tensor xTensor, Tensor yTensor) {
    Operands operands = new Operands("axpy");
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] y = operands.output("y", yTensor, x.length);
    for (int i = 0; i < x.length; i++) {
      y[i] += alpha * x[i];
    }
  }

  static void scale(double alpha, Tensor xTensor, Tensor outTensor) {
    Operands operands = new Operands("scale");
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] out = operands.output("out", outTensor, x.length);
    for (int i = 0; i < x.length; i++) {
      out[i] = alpha * x[i];
    }
  }
}
