// Double-precision tensors for the tests of the reference.
package io.lethe.backend.reference;

import io.lethe.backend.CasesSignal;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.Arrays;

/** Tensors over arrays of their own. */
final class Doubles {
  private Doubles() {}

  static Tensor tensor(double[] values, long... extents) {
    return Tensor.of("test", Shape.of(extents), values);
  }

  static Tensor normal(long seed, long... extents) {
    return tensor(CasesSignal.normal(seed, Shape.of(extents).size()), extents);
  }

  static Tensor filled(double value, long... extents) {
    double[] values = new double[Shape.of(extents).size()];
    Arrays.fill(values, value);
    return tensor(values, extents);
  }

  /** Memory that shows where nothing was written. */
  static Tensor nan(long... extents) {
    return filled(Double.NaN, extents);
  }
}
