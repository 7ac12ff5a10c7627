// The definitions of what moves elements: joining, copying, enlarging, looking up.
package io.lethe.backend.reference;

import io.lethe.tensor.Tensor;
import java.util.Arrays;

/** See "moving" of {@link io.lethe.backend.Backend}. */
final class ReferenceMovement {
  private ReferenceMovement() {}

  static void concatChannels(Tensor aTensor, Tensor bTensor, Tensor outTensor) {
    Operands operands = new Operands("concatChannels");
    int ca = aTensor.shape().dim(-1);
    int cb = bTensor.shape().dim(-1);
    int rows = aTensor.shape().rows();
    double[] a = operands.input("a", aTensor, rows, ca);
    double[] b = operands.input("b", bTensor, rows, cb);
    double[] out = operands.output("out", outTensor, rows, ca + cb);
    for (int row = 0; row < rows; row++) {
      System.arraycopy(a, row * ca, out, row * (ca + cb), ca);
      System.arraycopy(b, row * cb, out, row * (ca + cb) + ca, cb);
    }
  }

  static void splitChannels(Tensor joinedTensor, int ca, Tensor aTensor, Tensor bTensor) {
    Operands operands = new Operands("splitChannels");
    int channels = joinedTensor.shape().dim(-1);
    int cb = channels - ca;
    int rows = joinedTensor.shape().rows();
    operands.require(
        ca >= 0 && cb >= 0, "joined " + joinedTensor.shape() + " has no " + ca + " channels of a");
    double[] joined = operands.input("joined", joinedTensor, rows, channels);
    double[] a = operands.optionalOutput("a", aTensor, rows, ca);
    double[] b = operands.optionalOutput("b", bTensor, rows, cb);
    for (int row = 0; row < rows; row++) {
      if (a != null) {
        System.arraycopy(joined, row * channels, a, row * ca, ca);
      }
      if (b != null) {
        System.arraycopy(joined, row * channels + ca, b, row * cb, cb);
      }
    }
  }

  static void copy(
      Tensor sourceTensor, int sourceOffset, Tensor targetTensor, int targetOffset, int count) {
    Operands operands = new Operands("copy");
    double[] source = operands.input("source", sourceTensor, sourceTensor.size());
    double[] target = operands.output("target", targetTensor, targetTensor.size());
    operands.require(
        count >= 0
            && sourceOffset >= 0
            && targetOffset >= 0
            && sourceOffset <= source.length - count
            && targetOffset <= target.length - count,
        count
            + " elements from "
            + sourceOffset
            + " of "
            + sourceTensor
            + " to "
            + targetOffset
            + " of "
            + targetTensor
            + " are out of range");
    System.arraycopy(source, sourceOffset, target, targetOffset, count);
  }

  /** {@code y[n, 2h + i, 2w + j, c] = x[n, h, w, c]} for i and j of 0 and 1. */
  static void upsampleNearest(int height, int width, Tensor xTensor, Tensor yTensor) {
    Operands operands = new Operands("upsampleNearest");
    int n = xTensor.shape().dim(0);
    int c = xTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, (long) n * height * width, c);
    double[] y = operands.output("y", yTensor, 4L * n * height * width, c);
    for (int i = 0; i < y.length; i++) {
      y[i] = x[smallIndex(i, height, width, c)];
    }
  }

  static void upsampleNearestBackward(int height, int width, Tensor dyTensor, Tensor dxTensor) {
    Operands operands = new Operands("upsampleNearestBackward");
    int n = dxTensor.shape().dim(0);
    int c = dxTensor.shape().dim(-1);
    double[] dy = operands.input("dy", dyTensor, 4L * n * height * width, c);
    double[] dx = operands.output("dx", dxTensor, (long) n * height * width, c);
    Arrays.fill(dx, 0);
    for (int i = 0; i < dy.length; i++) {
      dx[smallIndex(i, height, width, c)] += dy[i];
    }
  }

  /** The element of {@code [n, h*w, c]} that element {@code i} of {@code [n, 2h*2w, c]} repeats. */
  private static int smallIndex(int i, int height, int width, int c) {
    int column = i / c % (2 * width);
    int line = i / c / (2 * width) % (2 * height);
    int sample = i / c / (2 * width) / (2 * height);
    return ((sample * height + line / 2) * width + column / 2) * c + i % c;
  }

  static void gatherRows(Tensor table, int[] ids, Tensor outTensor) {
    Operands operands = new Operands("gatherRows");
    int c = table.shape().dim(-1);
    double[] out = operands.output("out", outTensor, ids.length, c);
    for (int i = 0; i < ids.length; i++) {
      requireRow(operands, ids[i], table);
      MappedReals.read(table, (long) ids[i] * c, out, i * c, c);
    }
  }

  static void scatterAddRows(Tensor xTensor, int[] ids, Tensor tableTensor) {
    Operands operands = new Operands("scatterAddRows");
    int c = tableTensor.shape().dim(-1);
    double[] x = operands.input("x", xTensor, ids.length, c);
    double[] table = operands.output("table", tableTensor, tableTensor.size());
    for (int i = 0; i < ids.length; i++) {
      requireRow(operands, ids[i], tableTensor);
      for (int j = 0; j < c; j++) {
        table[ids[i] * c + j] += x[i * c + j];
      }
    }
  }

  private static void requireRow(Operands operands, int id, Tensor table) {
    operands.require(
        id >= 0 && id < table.shape().rows(),
        "row " + id + " is outside table '" + table.name() + "' " + table.shape());
  }
}
