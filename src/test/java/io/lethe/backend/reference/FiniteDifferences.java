// Judges a gradient by what a small step does to the forward pass.
package io.lethe.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;

/**
 * Central differences of fourth order in double: {@code f' = (8 (f(+h) - f(-h)) - (f(+2h) -
 * f(-2h))) / 12h}, whose error at h = 1e-3 is some 1e-12 for the smooth functions here. Knows
 * nothing of the formulas under test.
 */
final class FiniteDifferences {
  private static final double STEP = 1e-3;
  private static final double TOLERANCE = 1e-7;

  private FiniteDifferences() {}

  /**
   * Compares every element of {@code gradient} with the derivative of {@code sum(upstream *
   * forward())} with respect to the same element of {@code variable}, which the forward pass reads.
   */
  static void check(
      String what,
      double[] variable,
      Supplier<double[]> forward,
      double[] upstream,
      double[] gradient) {
    assertEquals(variable.length, gradient.length, what + ": elements");
    double scale = 0;
    int zeros = 0;
    for (double value : gradient) {
      scale += value * value / gradient.length;
      zeros += Math.abs(value) < 1e-12 ? 1 : 0;
    }
    scale = Math.sqrt(scale);
    assertTrue(
        variable.length > 0 && 2 * zeros < gradient.length,
        what + ": " + zeros + " zeros in " + gradient.length + " elements prove nothing");
    for (int i = 0; i < variable.length; i++) {
      double expected = derivative(variable, i, forward, upstream);
      double error = Math.abs(expected - gradient[i]);
      if (!(error <= TOLERANCE * Math.max(scale, Math.abs(expected)))) {
        throw new AssertionError(
            what + ": element " + i + " is " + gradient[i] + ", by differences " + expected);
      }
    }
  }

  private static double derivative(
      double[] variable, int i, Supplier<double[]> forward, double[] upstream) {
    double near = loss(variable, i, STEP, forward, upstream);
    near -= loss(variable, i, -STEP, forward, upstream);
    double far = loss(variable, i, 2 * STEP, forward, upstream);
    far -= loss(variable, i, -2 * STEP, forward, upstream);
    return (8 * near - far) / (12 * STEP);
  }

  private static double loss(
      double[] variable, int i, double step, Supplier<double[]> forward, double[] upstream) {
    double kept = variable[i];
    variable[i] = kept + step;
    double[] out = forward.get();
    variable[i] = kept;
    assertEquals(upstream.length, out.length, "elements of the output");
    double sum = 0;
    for (int j = 0; j < out.length; j++) {
      sum += upstream[j] * out[j];
    }
    return sum;
  }
}
