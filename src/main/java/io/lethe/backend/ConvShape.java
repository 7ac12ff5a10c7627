// The extents of one 2-D convolution.
package io.lethe.backend;

/**
 * A cross-correlation over channels-last pictures: input {@code [n, height*width, channels]},
 * weight {@code [filters, channels, kernelHeight, kernelWidth]} (the checkpoint's own layout),
 * output {@code [n, outHeight*outWidth, filters]}. Padding is zeros, and may differ at each side
 * (the VAE's encoder pads right and bottom only).
 */
public record ConvShape(
    int n,
    int height,
    int width,
    int channels,
    int filters,
    int kernelHeight,
    int kernelWidth,
    int stride,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight) {

  /** A square kernel with the same padding at all sides. */
  public static ConvShape square(
      int n, int height, int width, int channels, int filters, int kernel, int stride, int pad) {
    return new ConvShape(
        n, height, width, channels, filters, kernel, kernel, stride, pad, pad, pad, pad);
  }

  public int outHeight() {
    return (height + padTop + padBottom - kernelHeight) / stride + 1;
  }

  public int outWidth() {
    return (width + padLeft + padRight - kernelWidth) / stride + 1;
  }

  /** Length of one dot product: channels times taps. */
  public int taps() {
    return channels * kernelHeight * kernelWidth;
  }

  /** Floating-point operations of one pass: two for each multiply and add. */
  public long flops() {
    return 2L * n * outHeight() * outWidth() * filters * taps();
  }

  /**
   * The case in one word, for tests, benchmarks and traces, such as {@code
   * conv2d_n2h17w9c33k40r3s2}.
   */
  public String descriptor() {
    return "conv2d_n"
        + n
        + "h"
        + height
        + "w"
        + width
        + "c"
        + channels
        + "k"
        + filters
        + "r"
        + kernelHeight
        + "s"
        + stride;
  }
}
