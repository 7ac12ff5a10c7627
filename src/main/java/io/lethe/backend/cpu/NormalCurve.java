// The normal distribution function and what GELU makes of it, over runs of an array.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorMath.EXP_0;
import static io.lethe.backend.cpu.VectorMath.EXP_1;
import static io.lethe.backend.cpu.VectorMath.EXP_2;
import static io.lethe.backend.cpu.VectorMath.EXP_3;
import static io.lethe.backend.cpu.VectorMath.EXP_4;
import static io.lethe.backend.cpu.VectorMath.LOG2_E;
import static io.lethe.backend.cpu.VectorMath.MINUS_LN_2_HIGH;
import static io.lethe.backend.cpu.VectorMath.MINUS_LN_2_LOW;
import static io.lethe.backend.cpu.VectorMath.ONE;
import static io.lethe.backend.cpu.VectorMath.ROUND_BIASED;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code Phi(x) = (1 + erf(x / sqrt 2)) / 2}, within 2 units in the last place of 1, and {@code
 * d/dx x Phi(x) = Phi(x) + x phi(x)}. Both fulfil {@code f(x) + f(-x) = 1}, so they are computed at
 * {@code -t = -|x|}, where with the bell {@code e^(-t^2/2)} they are {@code bell * ratio(t)} and
 * {@code bell * (ratio(t) - t / sqrt(2 pi))}. The ratio falls smoothly from a half: a polynomial in
 * {@code w = 0.35 t / (1 + 0.35 t)}. Beyond 13 (1e-38) everything is as at 13.
 */
final class NormalCurve {
  private static final FloatVector HALF = FloatVector.broadcast(FLOATS, 0.5f);
  private static final FloatVector MINUS_HALF = FloatVector.broadcast(FLOATS, -0.5f);

  /** {@code -1/sqrt(2 pi)}. */
  private static final FloatVector MINUS_PEAK = FloatVector.broadcast(FLOATS, -0.3989423f);

  /** {@code (ratio - 1/2) / w}, a minimax fit of our own. */
  private static final FloatVector RATIO_9 = FloatVector.broadcast(FLOATS, 0.013020379f);

  private static final FloatVector RATIO_8 = FloatVector.broadcast(FLOATS, -0.029073488f);
  private static final FloatVector RATIO_7 = FloatVector.broadcast(FLOATS, -0.0069647515f);
  private static final FloatVector RATIO_6 = FloatVector.broadcast(FLOATS, 0.034299362f);
  private static final FloatVector RATIO_5 = FloatVector.broadcast(FLOATS, 0.029548412f);
  private static final FloatVector RATIO_4 = FloatVector.broadcast(FLOATS, 0.016470123f);
  private static final FloatVector RATIO_3 = FloatVector.broadcast(FLOATS, -0.15884762f);
  private static final FloatVector RATIO_2 = FloatVector.broadcast(FLOATS, -0.15957898f);
  private static final FloatVector RATIO_1 = FloatVector.broadcast(FLOATS, 0.9009672f);
  private static final FloatVector RATIO_0 = FloatVector.broadcast(FLOATS, -1.1398348f);

  private NormalCurve() {}

  /** {@code out[i] = Phi(x[i])} for {@code count} elements. */
  static void cdf(float[] x, int at, int count, float[] out, int target) {
    run(false, x, at, count, out, target);
  }

  /** {@code out[i] = Phi(x[i]) + x[i] phi(x[i])}, the derivative of GELU. */
  static void geluSlope(float[] x, int at, int count, float[] out, int target) {
    run(true, x, at, count, out, target);
  }

  private static void run(boolean slope, float[] x, int at, int count, float[] out, int target) {
    int whole = FLOATS.loopBound(count);
    vectors(slope, x, at, whole, out, target);
    if (whole < count) {
      float[] last = new float[LANES];
      System.arraycopy(x, at + whole, last, 0, count - whole);
      vectors(slope, last, 0, LANES, last, 0);
      System.arraycopy(last, 0, out, target + whole, count - whole);
    }
  }

  /** Whole vectors; written out in one piece, which the compiler needs to keep it in registers. */
  private static void vectors(
      boolean slope, float[] x, int at, int count, float[] out, int target) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector t = v.abs();
      t = t.blend(13f, t.compare(VectorOperators.GT, 13f));
      // bell = e^(-square/2) (1 - rest/2), where the rest is what rounding took from the square
      FloatVector square = t.mul(t);
      FloatVector rest = t.fma(t, square.neg());
      FloatVector exponent = square.mul(MINUS_HALF);
      FloatVector shifted = exponent.fma(LOG2_E, ROUND_BIASED);
      FloatVector n = shifted.sub(ROUND_BIASED);
      FloatVector r = n.fma(MINUS_LN_2_LOW, n.fma(MINUS_LN_2_HIGH, exponent));
      FloatVector e = EXP_4.fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r, EXP_0);
      e = e.mul(r).fma(r, r).add(ONE);
      e =
          e.mul(
              shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      FloatVector bell = e.mul(rest).fma(MINUS_HALF, e);
      FloatVector w = t.mul(0.35f).div(t.fma(0.35f, 1f));
      FloatVector ratio = RATIO_9.fma(w, RATIO_8).fma(w, RATIO_7).fma(w, RATIO_6).fma(w, RATIO_5);
      ratio = ratio.fma(w, RATIO_4).fma(w, RATIO_3).fma(w, RATIO_2).fma(w, RATIO_1);
      ratio = ratio.fma(w, RATIO_0).fma(w, HALF);
      if (slope) {
        ratio = t.fma(MINUS_PEAK, ratio);
      }
      FloatVector below = bell.mul(ratio);
      ONE.sub(below).blend(below, v.compare(VectorOperators.LT, 0f)).intoArray(out, target + i);
    }
  }
}
