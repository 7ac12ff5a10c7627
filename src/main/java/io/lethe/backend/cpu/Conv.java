// Convolutions over channels-last pictures: forward, and the gradients of input and weight.
package io.lethe.backend.cpu;

import io.lethe.backend.ConvShape;
import io.lethe.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Implicit products: rows are pixels, the reduction runs over taps and channels, columns are the
 * channels of the result. No picture is unfolded in memory; see {@link ConvBand}. Where 3 x 3 taps
 * of many channels meet enough pixels, {@link Winograd} needs less than half of the
 * multiplications.
 */
final class Conv {
  /** Up to so many columns windows are read where they lie. */
  private static final int MOST_LINES = 128;

  private final GemmProduct product;
  private final Gemm gemm;
  private final WinogradProduct winograd;
  private final ConvWeightGradient weightGradient;
  private final WinogradWeightGradient winogradWeightGradient;
  private final WeightPacks packs;

  Conv(
      GemmProduct product,
      Gemm gemm,
      WinogradProduct winograd,
      ConvWeightGradient weightGradient,
      WinogradWeightGradient winogradWeightGradient,
      WeightPacks packs) {
    this.product = product;
    this.gemm = gemm;
    this.winograd = winograd;
    this.weightGradient = weightGradient;
    this.winogradWeightGradient = winogradWeightGradient;
    this.packs = packs;
  }

  /** As {@link io.lethe.backend.Backend#conv2d}. */
  void forward(ConvShape shape, Tensor x, Tensor weight, Tensor bias, Tensor y) {
    if (pointwise(shape)) {
      int pixels = shape.n() * shape.height() * shape.width();
      gemm.multiply(
          false, true, pixels, shape.filters(), shape.channels(), x, weight, bias, y, false);
      return;
    }
    run(shape, ConvView.forward(shape), x, weight, false, bias, y);
  }

  /** As {@link io.lethe.backend.Backend#conv2dInputGradient}. */
  void inputGradient(ConvShape shape, Tensor dy, Tensor weight, Tensor dx) {
    if (pointwise(shape)) {
      int pixels = shape.n() * shape.height() * shape.width();
      gemm.multiply(
          false, false, pixels, shape.channels(), shape.filters(), dy, weight, null, dx, false);
      return;
    }
    for (int phase = 0; phase < ConvView.phases(shape); phase++) {
      ConvView view = ConvView.inputGradient(shape, phase);
      run(shape, view, dy, weight, true, null, dx);
    }
  }

  /** As {@link io.lethe.backend.Backend#conv2dWeightGradient}. */
  void weightGradient(ConvShape shape, Tensor dy, Tensor x, Tensor dw) {
    if (pointwise(shape)) {
      int pixels = shape.n() * shape.height() * shape.width();
      gemm.multiply(true, false, shape.filters(), shape.channels(), pixels, dy, x, null, dw, true);
      return;
    }
    ConvView view = ConvView.forward(shape);
    if (WinogradWeightGradient.suits(view)) {
      winogradWeightGradient.run(view, dy.floats(), x.floats(), dw.floats());
    } else {
      weightGradient.run(shape, dy.floats(), x.floats(), dw.floats());
    }
  }

  /** Whether a convolution is a product over pixels as they lie. */
  private static boolean pointwise(ConvShape shape) {
    return shape.kernelHeight() == 1
        && shape.kernelWidth() == 1
        && shape.stride() == 1
        && shape.padTop() + shape.padLeft() + shape.padBottom() + shape.padRight() == 0;
  }

  private void run(
      ConvShape shape,
      ConvView view,
      Tensor source,
      Tensor weight,
      boolean gradient,
      Tensor bias,
      Tensor target) {
    if (view.rows() == 0 || view.columns() == 0) {
      return;
    }
    float[] c = target.floats();
    if (view.taps().length == 0 || view.channels() == 0) {
      fillUntouched(view, bias, c);
      return;
    }
    if (Winograd.suits(view)) {
      runWinograd(shape, view, source, weight, gradient, bias, c);
      return;
    }
    int area = shape.kernelHeight() * shape.kernelWidth();
    GemmLeft left = left(view, source.floats());
    PackerTaps right =
        new PackerTaps(
            weight.buffer(),
            shape.filters(),
            shape.channels(),
            area,
            view.taps(),
            gradient,
            left instanceof ConvLines ? MicroLines6.VECTORS : 1);
    int steps = right.start(right.blocks());
    float[] packed =
        packs.find(
            weight,
            new WeightPacks.Form(
                gradient, steps, right.columns(), tapList(view), right.group(), false),
            MicroTile.packedSize(steps, right.columns()),
            () -> product.packAll(right));
    product.multiply(left, right, packed, bias == null ? null : bias.floats(), c, false);
  }

  private void runWinograd(
      ConvShape shape,
      ConvView view,
      Tensor source,
      Tensor weight,
      boolean gradient,
      Tensor bias,
      float[] c) {
    WinogradWeights right =
        new WinogradWeights(
            weight.buffer(), shape.filters(), shape.channels(), view.taps(), gradient);
    float[] packed =
        packs.find(
            weight,
            new WeightPacks.Form(gradient, right.summed(), right.columns(), tapList(view), 1, true),
            right.size(),
            () -> winograd.packAll(right));
    winograd.run(view, source.floats(), right, packed, bias == null ? null : bias.floats(), c);
  }

  /** Packing the windows pays where enough columns share it. */
  private static GemmLeft left(ConvView view, float[] source) {
    if (view.channels() <= ConvRows.MOST_CHANNELS) {
      return new ConvRows(view, source);
    }
    int columns = view.targetChannels();
    return columns <= MOST_LINES && MicroLines6.suits(columns)
        ? new ConvLines(view, source)
        : new ConvBand(view, source);
  }

  private static List<Integer> tapList(ConvView view) {
    return Arrays.stream(view.taps()).boxed().toList();
  }

  /** Pixels that no tap reaches hold the bias. */
  private static void fillUntouched(ConvView view, Tensor bias, float[] c) {
    PackedScratch tables = new PackedScratch();
    int pixels = view.n() * view.rows() * view.columns();
    ConvBand.fillTargets(view, 0, pixels, tables);
    for (int pixel = 0; pixel < pixels; pixel++) {
      int at = tables.cRows[pixel];
      if (bias == null) {
        Arrays.fill(c, at, at + view.targetChannels(), 0f);
      } else {
        System.arraycopy(bias.floats(), 0, c, at, view.targetChannels());
      }
    }
  }
}
