// One direction of a convolution as a sum over shifted pictures.
package io.lethe.backend.cpu;

import io.lethe.backend.ConvShape;
import java.util.Arrays;

/**
 * {@code target[n, targetRow + u * targetStep, targetColumn + v * targetStep, :] = bias + sum_t
 * source[n, u * step + tapRows[t], v * step + tapColumns[t], :] weight[taps[t]]} for u below rows
 * and v below columns, where the source is zero outside its picture.
 *
 * <p>The forward pass is one view with {@code step} the stride. The input gradient is one view for
 * each phase of the stride, with the taps that reach it (one phase and all taps at stride 1): so no
 * multiplication by a zero in between is carried out.
 *
 * @param channels of the source
 * @param targetChannels of the target
 * @param taps positions in the kernel, {@code r * kernelWidth + s}
 */
record ConvView(
    int n,
    int height,
    int width,
    int channels,
    int step,
    int rows,
    int columns,
    int[] tapRows,
    int[] tapColumns,
    int[] taps,
    int targetHeight,
    int targetWidth,
    int targetChannels,
    int targetStep,
    int targetRow,
    int targetColumn) {

  /** The forward pass: x to y. */
  static ConvView forward(ConvShape shape) {
    int area = shape.kernelHeight() * shape.kernelWidth();
    int[] tapRows = new int[area];
    int[] tapColumns = new int[area];
    int[] taps = new int[area];
    for (int tap = 0; tap < area; tap++) {
      tapRows[tap] = tap / shape.kernelWidth() - shape.padTop();
      tapColumns[tap] = tap % shape.kernelWidth() - shape.padLeft();
      taps[tap] = tap;
    }
    return new ConvView(
        shape.n(),
        shape.height(),
        shape.width(),
        shape.channels(),
        shape.stride(),
        shape.outHeight(),
        shape.outWidth(),
        tapRows,
        tapColumns,
        taps,
        shape.outHeight(),
        shape.outWidth(),
        shape.filters(),
        1,
        0,
        0);
  }

  /** How many phases the input gradient has. */
  static int phases(ConvShape shape) {
    return shape.stride() * shape.stride();
  }

  /**
   * One phase of the input gradient: dy to those rows and columns of dx whose index leaves the
   * phase's remainder. From {@code h = p * stride + r - padTop} follows {@code p = (h + padTop - r)
   * / stride} for the r that divide.
   */
  static ConvView inputGradient(ConvShape shape, int phase) {
    int stride = shape.stride();
    int row = phase / stride;
    int column = phase % stride;
    int area = shape.kernelHeight() * shape.kernelWidth();
    int[] tapRows = new int[area];
    int[] tapColumns = new int[area];
    int[] taps = new int[area];
    int count = 0;
    for (int tap = area - 1; tap >= 0; tap--) {
      int up = row + shape.padTop() - tap / shape.kernelWidth();
      int left = column + shape.padLeft() - tap % shape.kernelWidth();
      if (up % stride == 0 && left % stride == 0) {
        tapRows[count] = up / stride;
        tapColumns[count] = left / stride;
        taps[count] = tap;
        count++;
      }
    }
    return new ConvView(
        shape.n(),
        shape.outHeight(),
        shape.outWidth(),
        shape.filters(),
        1,
        Math.max(0, (shape.height() - row + stride - 1) / stride),
        Math.max(0, (shape.width() - column + stride - 1) / stride),
        Arrays.copyOf(tapRows, count),
        Arrays.copyOf(tapColumns, count),
        Arrays.copyOf(taps, count),
        shape.height(),
        shape.width(),
        shape.channels(),
        stride,
        row,
        column);
  }

  int firstTapRow() {
    return Arrays.stream(tapRows).min().orElse(0);
  }

  int lastTapRow() {
    return Arrays.stream(tapRows).max().orElse(0);
  }

  int firstTapColumn() {
    return Arrays.stream(tapColumns).min().orElse(0);
  }

  int lastTapColumn() {
    return Arrays.stream(tapColumns).max().orElse(0);
  }
}
