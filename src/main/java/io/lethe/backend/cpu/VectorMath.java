// exp, log and the normal distribution as polynomials of our own, the same bytes on every machine.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of whole vectors, within 2 units in the last place where nothing else is
 * said. All coefficients are minimax fits (Remez) of our own, rounded to single precision. NaN
 * gives NaN.
 */
final class VectorMath {
  /**
   * {@code 1.5 * 2^23}: what is added to a small number leaves its nearest integer in the low bits.
   */
  private static final float ROUND = 0x1.8p23f;

  /** As {@link #ROUND}, with 127 more, so that the low bits are a float's exponent field. */
  private static final float ROUND_BIASED = 0x1.8p23f + 127;

  static final float LOG2_E = 0x1.715476p0f;

  /** ln 2 in two parts, the first with 9 trailing zero bits so that small multiples are exact. */
  private static final float LN_2_HIGH = 0x1.62e4p-1f;

  private static final float LN_2_LOW = 0x1.7f7d1cp-20f;
  static final float LN_2 = 0x1.62e43p-1f;

  /** {@code 1/sqrt(2 pi)}. */
  private static final float NORMAL_PEAK = 0.3989422804f;

  private VectorMath() {}

  /** {@code e^x}, down to the subnormal numbers; 0 and infinity beyond. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.blend(89f, x.compare(VectorOperators.GT, 89f));
    clamped = clamped.blend(-105f, clamped.compare(VectorOperators.LT, -105f));
    FloatVector shifted = clamped.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector n = shifted.sub(ROUND);
    // 2^n by two factors: one alone would leave the range of the exponent at both ends.
    IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
    IntVector half = power.lanewise(VectorOperators.ASHR, 1);
    return expFraction(clamped, n).mul(powerOfTwo(half)).mul(powerOfTwo(power.sub(half)));
  }

  /** {@code e^x} for x from -87 to 88, where no clamping is needed. */
  private static FloatVector expNormal(FloatVector x) {
    FloatVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUND_BIASED));
    FloatVector n = shifted.sub(ROUND_BIASED);
    return expFraction(x, n).mul(exponentField(shifted));
  }

  /** {@code e^(x - n ln 2)}: 1 + r + r^2 p(r). */
  private static FloatVector expFraction(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(broadcast(-LN_2_HIGH), x);
    r = n.fma(broadcast(-LN_2_LOW), r);
    FloatVector p = r.fma(broadcast(1.3816878e-3f), broadcast(8.368639e-3f));
    p = p.fma(r, broadcast(4.1668341e-2f));
    p = p.fma(r, broadcast(1.6666521e-1f));
    p = p.fma(r, broadcast(4.9999994e-1f));
    return p.mul(r).fma(r, r).add(1f);
  }

  /**
   * {@code 2^x} for x up to 126, and 0 below -125: the softmax, whose scores are in units of ln 2.
   */
  static FloatVector exp2(FloatVector x) {
    FloatVector shifted = x.add(ROUND_BIASED);
    FloatVector f = x.sub(shifted.sub(ROUND_BIASED));
    FloatVector p = f.fma(broadcast(1.5353585e-4f), broadcast(1.3398852e-3f));
    p = p.fma(f, broadcast(9.618436e-3f));
    p = p.fma(f, broadcast(5.5503324e-2f));
    p = p.fma(f, broadcast(2.4022648e-1f));
    p = p.fma(f, broadcast(6.9314718e-1f));
    FloatVector result = p.fma(f, broadcast(1f)).mul(exponentField(shifted));
    return result.blend(0f, x.compare(VectorOperators.LT, -125f));
  }

  /** {@code ln x} for positive normal numbers, within 2^-23 of the larger of 1 and itself. */
  static FloatVector log(FloatVector x) {
    // x = 2^e m with m from sqrt(1/2) to sqrt(2)
    int root = 0x3f3504f3;
    IntVector bits = x.reinterpretAsInts();
    IntVector e = bits.sub(root).lanewise(VectorOperators.ASHR, 23);
    FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1f);
    FloatVector exponent = (FloatVector) e.convert(VectorOperators.I2F, 0);
    FloatVector p = f.fma(broadcast(6.9155395e-2f), broadcast(-1.1789848e-1f));
    p = p.fma(f, broadcast(1.18729167e-1f));
    p = p.fma(f, broadcast(-1.2384337e-1f));
    p = p.fma(f, broadcast(1.42186657e-1f));
    p = p.fma(f, broadcast(-1.6669253e-1f));
    p = p.fma(f, broadcast(2.00022265e-1f));
    p = p.fma(f, broadcast(-2.49999866e-1f));
    p = p.fma(f, broadcast(3.33333105e-1f));
    FloatVector square = f.mul(f);
    FloatVector tail = p.mul(f).fma(square, square.mul(-0.5f));
    return exponent.fma(broadcast(LN_2_LOW), tail).add(f).add(exponent.mul(LN_2_HIGH));
  }

  /** {@code 1/(1 + e^-x)}. */
  static FloatVector sigmoid(FloatVector x) {
    return broadcast(1f).div(exp(x.neg()).add(1f));
  }

  /**
   * {@code d/dx x sigma(x) = sigma(x) + x sigma(x) sigma(-x)}; the smaller of the two sigmas by
   * itself, since one less the larger would lose its digits.
   */
  static FloatVector siluDerivative(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    FloatVector larger = broadcast(1f).div(e.add(1f));
    FloatVector smaller = larger.mul(e);
    FloatVector sigma = larger.blend(smaller, x.compare(VectorOperators.LT, 0f));
    return x.mul(larger).fma(smaller, sigma);
  }

  /** {@code e^(-t^2/2)} for t from 0 to 13; the rounding of the square is made good. */
  private static FloatVector bell(FloatVector t) {
    FloatVector square = t.mul(t);
    FloatVector rest = t.fma(t, square.neg());
    FloatVector e = expNormal(square.mul(-0.5f));
    return e.mul(rest).fma(broadcast(-0.5f), e);
  }

  /**
   * {@code e^(t^2/2) * Phi(-t)} for t from 0 to 14: {@code u p(u)} with {@code u = 1/(1 + 0.3 t)},
   * a smooth function that falls from a half to near zero.
   */
  private static FloatVector tailRatio(FloatVector t) {
    FloatVector u = broadcast(1f).div(t.fma(broadcast(0.3f), broadcast(1f)));
    FloatVector p = u.fma(broadcast(-2.0612866e-2f), broadcast(1.12375967e-1f));
    p = p.fma(u, broadcast(-2.28067857e-1f));
    p = p.fma(u, broadcast(1.91582203e-1f));
    p = p.fma(u, broadcast(-7.92477205e-2f));
    p = p.fma(u, broadcast(9.6058011e-2f));
    p = p.fma(u, broadcast(7.84255192e-2f));
    p = p.fma(u, broadcast(1.10227332e-1f));
    p = p.fma(u, broadcast(1.19572841e-1f));
    p = p.fma(u, broadcast(1.19686633e-1f));
    return p.mul(u);
  }

  /**
   * {@code Phi(x)}, the normal distribution function {@code (1 + erf(x / sqrt 2)) / 2}, for GELU;
   * the lower tail ends at -13, at 1e-38.
   */
  static FloatVector normalCdf(FloatVector x) {
    FloatVector t = clampTails(x).abs();
    return upperOrLower(x, bell(t).mul(tailRatio(t)));
  }

  /** {@code d/dx x Phi(x) = Phi(x) + x phi(x)}. */
  static FloatVector geluDerivative(FloatVector x) {
    FloatVector clamped = clampTails(x);
    FloatVector t = clamped.abs();
    FloatVector e = bell(t);
    FloatVector cdf = upperOrLower(x, e.mul(tailRatio(t)));
    return e.mul(NORMAL_PEAK).fma(clamped, cdf);
  }

  private static FloatVector clampTails(FloatVector x) {
    FloatVector above = x.blend(13f, x.compare(VectorOperators.GT, 13f));
    return above.blend(-13f, x.compare(VectorOperators.LT, -13f));
  }

  private static FloatVector upperOrLower(FloatVector x, FloatVector tail) {
    return broadcast(1f).sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f));
  }

  /**
   * The float whose exponent field is in the low bits of a number that was rounded by {@link
   * #ROUND_BIASED}.
   */
  private static FloatVector exponentField(FloatVector shifted) {
    return shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
