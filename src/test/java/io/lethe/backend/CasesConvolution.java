// Cases of the 2-D convolution and its two gradients.
package io.lethe.backend;

import io.lethe.tensor.DType;
import java.util.List;

/**
 * Descriptors are those of {@link ConvShape}, with what it does not say: unequal padding, kernel
 * width, variant.
 */
final class CasesConvolution {
  private static final ConvShape[] SHAPES = {
    ConvShape.square(2, 17, 9, 33, 40, 3, 2, 1),
    ConvShape.square(1, 7, 7, 4, 33, 3, 1, 1),
    ConvShape.square(3, 5, 7, 33, 3, 3, 1, 1),
    ConvShape.square(2, 7, 7, 33, 17, 1, 1, 0),
    ConvShape.square(1, 9, 7, 64, 64, 3, 1, 1),
    ConvShape.square(2, 21, 14, 3, 33, 7, 7, 0),
    ConvShape.square(1, 13, 13, 10, 12, 5, 3, 2),
    ConvShape.square(1, 3, 2, 5, 3, 3, 1, 1),
    ConvShape.square(1, 2, 2, 9, 7, 3, 1, 1),
    ConvShape.square(1, 33, 31, 33, 50, 3, 1, 1),
    ConvShape.square(3, 16, 16, 16, 20, 3, 1, 1),
    ConvShape.square(1, 40, 41, 3, 5, 3, 1, 1),
    ConvShape.square(1, 5, 5, 150, 5, 3, 1, 1),
    ConvShape.square(2, 13, 11, 64, 64, 3, 1, 1),
    ConvShape.square(1, 16, 17, 48, 128, 3, 1, 1),
    new ConvShape(1, 8, 8, 3, 16, 3, 3, 2, 0, 0, 1, 1),
    new ConvShape(2, 9, 7, 33, 40, 3, 3, 2, 0, 0, 1, 1),
    new ConvShape(1, 5, 6, 7, 5, 3, 2, 1, 2, 1, 0, 3),
    new ConvShape(2, 6, 11, 8, 9, 2, 5, 2, 1, 0, 0, 4),
  };

  private CasesConvolution() {}

  static void addTo(List<BackendContractCase> cases) {
    for (ConvShape s : SHAPES) {
      cases.add(forward(s, true, null));
      cases.add(inputGradient(s, null));
      cases.add(weightGradient(s));
    }
    cases.add(forward(SHAPES[0], false, null));
    cases.add(forward(SHAPES[3], false, null));
    for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16, DType.F64}) {
      for (int which : new int[] {0, 3, 5, 9, 12, 17}) {
        cases.add(forward(SHAPES[which], which != 9, dtype));
        cases.add(inputGradient(SHAPES[which], dtype));
      }
    }
  }

  private static BackendContractCase forward(ConvShape s, boolean bias, DType dtype) {
    return new BackendContractCase(
        name("", s) + (bias ? "_bias" : "") + CasesMatrix.suffix(dtype),
        "conv2d",
        () ->
            new CasesCall()
                .read("x", s.n(), pixels(s), s.channels())
                .weight(
                    "weight", dtype, s.filters(), s.channels(), s.kernelHeight(), s.kernelWidth())
                .read("bias", s.filters())
                .when(bias)
                .written("y", CasesBound.sum(s.taps()), s.n(), positions(s), s.filters())
                .on((b, t) -> b.conv2d(s, t[0], t[1], t[2], t[3])));
  }

  private static BackendContractCase inputGradient(ConvShape s, DType dtype) {
    CasesBound bound = CasesBound.sum((long) s.filters() * s.kernelHeight() * s.kernelWidth());
    return new BackendContractCase(
        name("InputGradient", s) + CasesMatrix.suffix(dtype),
        "conv2dInputGradient",
        () ->
            new CasesCall()
                .read("dy", s.n(), positions(s), s.filters())
                .weight(
                    "weight", dtype, s.filters(), s.channels(), s.kernelHeight(), s.kernelWidth())
                .written("dx", bound, s.n(), pixels(s), s.channels())
                .on((b, t) -> b.conv2dInputGradient(s, t[0], t[1], t[2])));
  }

  private static BackendContractCase weightGradient(ConvShape s) {
    CasesBound bound = CasesBound.sum((long) s.n() * positions(s));
    return new BackendContractCase(
        name("WeightGradient", s),
        "conv2dWeightGradient",
        () ->
            new CasesCall()
                .read("dy", s.n(), positions(s), s.filters())
                .read("x", s.n(), pixels(s), s.channels())
                .added("dw", bound, s.filters(), s.channels(), s.kernelHeight(), s.kernelWidth())
                .on((b, t) -> b.conv2dWeightGradient(s, t[0], t[1], t[2])));
  }

  private static int pixels(ConvShape s) {
    return s.height() * s.width();
  }

  private static int positions(ConvShape s) {
    return s.outHeight() * s.outWidth();
  }

  private static String name(String pass, ConvShape s) {
    String descriptor = s.descriptor().replace("conv2d", "conv2d" + pass);
    if (s.kernelWidth() != s.kernelHeight()) {
      descriptor += "x" + s.kernelWidth();
    }
    return descriptor + "p" + s.padTop() + s.padLeft() + s.padBottom() + s.padRight();
  }
}
