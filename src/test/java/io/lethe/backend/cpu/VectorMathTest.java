// Holds the polynomials to the last place, over their whole range and at its ends.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
final class VectorMathTest {
  private static final int POINTS = 1 << 14;

  /** A function over a run of an array, in place. */
  private interface Kernel {
    void run(float[] x);
  }

  private interface Exact {
    double at(double x);
  }

  private interface Lanes {
    FloatVector of(FloatVector x);
  }

  private static Kernel lanes(Lanes function) {
    return x -> {
      for (int i = 0; i < x.length; i += VectorSpecies.LANES) {
        function.of(FloatVector.fromArray(VectorSpecies.FLOATS, x, i)).intoArray(x, i);
      }
    };
  }

  private static final Kernel EXP = lanes(VectorMath::exp);
  private static final Kernel EXP2 = lanes(VectorMath::exp2);
  private static final Kernel LOG = lanes(VectorMath::log);
  private static final Kernel SIGMOID = lanes(VectorMath::sigmoid);
  private static final Kernel SILU_SLOPE = lanes(VectorMath::siluDerivative);
  private static final Kernel CDF = x -> NormalCurve.cdf(x, 0, x.length, x, 0);
  private static final Kernel GELU_SLOPE = x -> NormalCurve.geluSlope(x, 0, x.length, x, 0);

  /**
   * @param ulps the most units in the last place of the result, or of 1 where that is larger
   * @param ofOne whether units of 1 are meant for results below 1
   */
  private static void check(
      Kernel kernel, Exact exact, double from, double to, double ulps, boolean ofOne) {
    float[] x = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      x[i] = (float) (from + (to - from) * i / (POINTS - 1));
    }
    float[] y = x.clone();
    kernel.run(y);
    for (int i = 0; i < POINTS; i++) {
      double expected = exact.at(x[i]);
      double unit = Math.ulp((float) (ofOne ? Math.max(1, Math.abs(expected)) : expected));
      double error = Math.abs(y[i] - expected) / unit;
      assertTrue(error <= ulps, "f(" + x[i] + ") = " + y[i] + " for " + expected + ": " + error);
    }
  }

  @Test
  void exponentialsAreWithinTwoUnits() {
    check(EXP, StrictMath::exp, -104, 88.7, 1.5, false);
    check(EXP, StrictMath::exp, -1e-3, 1e-3, 1.5, false);
    check(EXP2, x -> StrictMath.pow(2, x), -125, 126, 1.5, false);
  }

  @Test
  void logarithmIsWithinAUnit() {
    check(LOG, StrictMath::log, 1, 3, 1, true);
    check(LOG, StrictMath::log, 1, 1e6, 1, true);
    check(LOG, StrictMath::log, 1e-30, 1, 1, true);
  }

  @Test
  void sigmoidAndItsSlopeAreWithinThreeUnits() {
    Exact sigmoid = x -> 1 / (1 + StrictMath.exp(-x));
    check(SIGMOID, sigmoid, -86, 90, 3, false);
    check(SILU_SLOPE, x -> sigmoid.at(x) + x * sigmoid.at(x) * sigmoid.at(-x), -90, 90, 2, true);
  }

  @Test
  void normalDistributionIsWithinTwoUnits() {
    Exact cdf = x -> 0.5 * Erf.erfc(-x / Math.sqrt(2));
    Exact density = x -> StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    check(CDF, cdf, -14, 14, 1, true);
    check(CDF, cdf, -0.5, 0.5, 3, false);
    check(GELU_SLOPE, x -> cdf.at(x) + x * density.at(x), -14, 14, 2, true);
  }

  @Test
  void endsOfTheRange() {
    float infinity = Float.POSITIVE_INFINITY;
    assertEquals(infinity, at(EXP, infinity));
    assertEquals(infinity, at(EXP, 89));
    assertEquals(0, at(EXP, -infinity));
    assertEquals(0, at(EXP, -1e30f));
    assertEquals(1, at(EXP, 0));
    assertEquals(0, at(EXP2, -infinity));
    assertEquals(0, at(EXP2, -1e30f));
    assertEquals(1, at(EXP2, 0));
    assertEquals(0, at(LOG, 1));
    assertEquals(1, at(SIGMOID, infinity));
    assertEquals(0, at(SIGMOID, -infinity), 1e-37f);
    assertEquals(0.5f, at(SIGMOID, 0));
    assertEquals(1, at(CDF, infinity));
    assertEquals(0, at(CDF, -infinity), 1e-37f);
    assertEquals(0.5f, at(CDF, -0f));
    for (Kernel kernel : new Kernel[] {EXP, EXP2, SIGMOID, SILU_SLOPE, CDF, GELU_SLOPE}) {
      assertTrue(Float.isNaN(at(kernel, Float.NaN)));
      assertTrue(Float.isNaN(at(kernel, Float.intBitsToFloat(0x7fc12345))));
    }
  }

  private static float at(Kernel kernel, float x) {
    float[] run = new float[VectorSpecies.LANES];
    run[1] = x;
    kernel.run(run);
    return run[1];
  }

  /** A run that is no whole number of vectors leaves its neighbours alone. */
  @Test
  void runsOfAnyLength() {
    for (int count = 0; count <= 2 * VectorSpecies.LANES + 1; count++) {
      float[] x = new float[count + 5];
      float[] y = new float[count + 7];
      java.util.Arrays.fill(x, -0.7f);
      java.util.Arrays.fill(y, 9);
      NormalCurve.cdf(x, 2, count, y, 3);
      for (int i = 0; i < y.length; i++) {
        boolean inside = i >= 3 && i < 3 + count;
        assertEquals(inside ? 0.24196365 : 9, y[i], 1e-7, count + " elements, at " + i);
      }
    }
  }
}
