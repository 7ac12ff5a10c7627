// The definitions of the sums over rows, samples and positions, of their broadcasts, and of
// unit-length rows.
package io.lethe.backend.reference;

import io.lethe.tensor.Tensor;
import java.util.Arrays;

/** Every broadcast stands beside the sum that is its gradient. */
final class ReferenceSums {
  private ReferenceSums() {}

  static void addPerSample(Tensor xTensor, Tensor vectorTensor, Tensor outTensor) {
    Operands operands = new Operands("addPerSample");
    int n = xTensor.shape().dim(0);
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] vector = operands.input("vector", vectorTensor, n, c);
    double[] out = operands.output("out", outTensor, xTensor.shape().rows(), c);
    int perSample = n == 0 ? 0 : x.length / n;
    for (int i = 0; i < x.length; i++) {
      out[i] = x[i] + vector[i / perSample * c + i % c];
    }
  }

  static void sumPositions(Tensor xTensor, Tensor outTensor) {
    Operands operands = new Operands("sumPositions");
    int n = xTensor.shape().dim(0);
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] out = operands.output("out", outTensor, n, c);
    Arrays.fill(out, 0);
    int perSample = n == 0 ? 0 : x.length / n;
    for (int i = 0; i < x.length; i++) {
      out[i / perSample * c + i % c] += x[i];
    }
  }

  static void addPerPosition(Tensor xTensor, Tensor tableTensor, Tensor outTensor) {
    Operands operands = new Operands("addPerPosition");
    int n = xTensor.shape().dim(0);
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, xTensor.size());
    int positions = n == 0 ? 0 : x.length / n / c;
    double[] table = operands.weight("table", tableTensor, positions, c);
    double[] out = operands.output("out", outTensor, xTensor.shape().rows(), c);
    for (int i = 0; i < x.length; i++) {
      out[i] = x[i] + table[i % (positions * c)];
    }
  }

  static void sumSamples(Tensor xTensor, Tensor outTensor) {
    Operands operands = new Operands("sumSamples");
    int n = xTensor.shape().dim(0);
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, xTensor.size());
    int positions = n == 0 ? 0 : x.length / n / c;
    double[] out = operands.output("out", outTensor, positions, c);
    for (int i = 0; i < x.length; i++) {
      out[i % (positions * c)] += x[i];
    }
  }

  static void sumRows(Tensor xTensor, Tensor outTensor) {
    Operands operands = new Operands("sumRows");
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, xTensor.size());
    double[] out = operands.output("out", outTensor, c);
    for (int i = 0; i < x.length; i++) {
      out[i % c] += x[i];
    }
  }

  static void normalizeRows(Tensor xTensor, Tensor outTensor, Tensor normTensor) {
    Operands operands = new Operands("normalizeRows");
    int rows = xTensor.shape().rows();
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, rows, c);
    double[] out = operands.output("out", outTensor, rows, c);
    double[] norm = operands.output("norm", normTensor, rows);
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = 0; i < c; i++) {
        squares += x[row * c + i] * x[row * c + i];
      }
      norm[row] = Math.sqrt(squares);
      for (int i = 0; i < c; i++) {
        out[row * c + i] = x[row * c + i] / norm[row];
      }
    }
  }

  /** {@code dx = (dout - out * (out . dout)) / norm}: what points along the row changes nothing. */
  static void normalizeRowsBackward(
      Tensor doutTensor, Tensor outTensor, Tensor normTensor, Tensor dxTensor) {
    Operands operands = new Operands("normalizeRowsBackward");
    int rows = outTensor.shape().rows();
    int c = outTensor.shape().dim(-1);
    double[] dout = operands.input("dout", doutTensor, rows, c);
    double[] out = operands.input("out", outTensor, rows, c);
    double[] norm = operands.input("norm", normTensor, rows);
    double[] dx = operands.output("dx", dxTensor, rows, c);
    for (int row = 0; row < rows; row++) {
      double along = 0;
      for (int i = 0; i < c; i++) {
        along += out[row * c + i] * dout[row * c + i];
      }
      for (int i = 0; i < c; i++) {
        dx[row * c + i] = (dout[row * c + i] - out[row * c + i] * along) / norm[row];
      }
    }
  }
}
