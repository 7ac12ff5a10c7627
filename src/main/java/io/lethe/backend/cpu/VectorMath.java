// exp, log and the normal distribution as polynomials of our own, the same bytes on every machine.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions of whole vectors, within 2 units in the last place where nothing else is
 * said. A loop may call one of them: the compiler gives up on loops that inline more than some
 * forty vector operations. All coefficients are minimax fits (Remez) of our own, rounded to single
 * precision. NaN gives NaN.
 */
final class VectorMath {
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN_2 = 0x1.62e43p-1f;

  /**
   * {@code 1.5 * 2^23}: what is added to a small number leaves its nearest integer in the low bits.
   */
  private static final float ROUND = 0x1.8p23f;

  /** As {@link #ROUND}, with 127 more, so that the low bits are a float's exponent field. */
  static final float ROUND_BIASED = 0x1.8p23f + 127;

  /** ln 2 in two parts, the first with trailing zero bits so that small multiples are exact. */
  private static final float LN_2_HIGH = 0x1.62e4p-1f;

  private static final float LN_2_LOW = 0x1.7f7d1cp-20f;

  static final FloatVector ONE = broadcast(1f);
  static final FloatVector MINUS_LN_2_HIGH = broadcast(-LN_2_HIGH);
  static final FloatVector MINUS_LN_2_LOW = broadcast(-LN_2_LOW);

  /** {@code (e^r - 1 - r) / r^2} for |r| up to ln 2 / 2, from the highest power down. */
  static final FloatVector EXP_4 = broadcast(1.3816878e-3f);

  static final FloatVector EXP_3 = broadcast(8.368639e-3f);
  static final FloatVector EXP_2 = broadcast(0.04166834f);
  static final FloatVector EXP_1 = broadcast(1.6666521e-1f);
  static final FloatVector EXP_0 = broadcast(4.9999994e-1f);

  /** {@code (2^f - 1) / f} for |f| up to a half. */
  private static final FloatVector EXP2_5 = broadcast(1.5353585e-4f);

  private static final FloatVector EXP2_4 = broadcast(1.3398852e-3f);
  private static final FloatVector EXP2_3 = broadcast(9.618436e-3f);
  private static final FloatVector EXP2_2 = broadcast(5.5503324e-2f);
  private static final FloatVector EXP2_1 = broadcast(2.4022648e-1f);
  private static final FloatVector EXP2_0 = broadcast(0.6931472f);

  /** {@code (ln(1 + f) - f + f^2 / 2) / f^3} for 1 + f from sqrt(1/2) to sqrt(2). */
  private static final FloatVector LOG_8 = broadcast(6.9155395e-2f);

  private static final FloatVector LOG_7 = broadcast(-1.1789848e-1f);
  private static final FloatVector LOG_6 = broadcast(0.11872917f);
  private static final FloatVector LOG_5 = broadcast(-1.2384337e-1f);
  private static final FloatVector LOG_4 = broadcast(0.14218666f);
  private static final FloatVector LOG_3 = broadcast(-1.6669253e-1f);
  private static final FloatVector LOG_2 = broadcast(0.20002227f);
  private static final FloatVector LOG_1 = broadcast(-0.24999987f);
  private static final FloatVector LOG_0 = broadcast(0.3333331f);

  private VectorMath() {}

  /** {@code e^x}, down to the subnormal numbers; 0 and infinity beyond. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.blend(89f, x.compare(VectorOperators.GT, 89f));
    clamped = clamped.blend(-105f, clamped.compare(VectorOperators.LT, -105f));
    FloatVector shifted = clamped.fma(LOG2_E, ROUND);
    FloatVector n = shifted.sub(ROUND);
    // 2^n by two factors: one alone would leave the range of the exponent at both ends.
    IntVector power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
    IntVector half = power.lanewise(VectorOperators.ASHR, 1);
    return expFraction(clamped, n).mul(powerOfTwo(half)).mul(powerOfTwo(power.sub(half)));
  }

  /** {@code e^x} for x up to 88; below -87 as at -87, where it is 1e-38. */
  private static FloatVector expNormal(FloatVector x) {
    FloatVector clamped = x.blend(-87f, x.compare(VectorOperators.LT, -87f));
    FloatVector shifted = clamped.fma(LOG2_E, ROUND_BIASED);
    return expFraction(clamped, shifted.sub(ROUND_BIASED)).mul(exponentField(shifted));
  }

  /** {@code e^(x - n ln 2)}: 1 + r + r^2 p(r). */
  private static FloatVector expFraction(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(MINUS_LN_2_LOW, n.fma(MINUS_LN_2_HIGH, x));
    FloatVector p = EXP_4.fma(r, EXP_3).fma(r, EXP_2).fma(r, EXP_1).fma(r, EXP_0);
    return p.mul(r).fma(r, r).add(ONE);
  }

  /**
   * {@code 2^x} for x up to 126, and 0 below -125: the softmax, whose scores are in units of ln 2.
   */
  static FloatVector exp2(FloatVector x) {
    FloatVector shifted = x.add(ROUND_BIASED);
    FloatVector f = x.sub(shifted.sub(ROUND_BIASED));
    FloatVector p = EXP2_5.fma(f, EXP2_4).fma(f, EXP2_3).fma(f, EXP2_2);
    FloatVector fraction = p.fma(f, EXP2_1).fma(f, EXP2_0).fma(f, ONE);
    FloatVector result = fraction.mul(exponentField(shifted));
    return result.blend(0f, x.compare(VectorOperators.LT, -125f));
  }

  /** {@code ln x} for positive normal numbers, within 2^-23 of the larger of 1 and itself. */
  static FloatVector log(FloatVector x) {
    // x = 2^e m with m from sqrt(1/2) to sqrt(2)
    int root = 0x3f3504f3;
    IntVector bits = x.reinterpretAsInts();
    IntVector e = bits.sub(root).lanewise(VectorOperators.ASHR, 23);
    FloatVector f = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(ONE);
    FloatVector exponent = (FloatVector) e.convert(VectorOperators.I2F, 0);
    FloatVector p = LOG_8.fma(f, LOG_7).fma(f, LOG_6).fma(f, LOG_5).fma(f, LOG_4);
    p = p.fma(f, LOG_3).fma(f, LOG_2).fma(f, LOG_1).fma(f, LOG_0);
    FloatVector square = f.mul(f);
    FloatVector tail = p.mul(f).fma(square, square.mul(-0.5f));
    return exponent.mul(LN_2_LOW).add(tail).add(f).add(exponent.mul(LN_2_HIGH));
  }

  /** {@code 1/(1 + e^-x)}; below -87 as at -87, where it is 1e-38. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expNormal(x.abs().neg());
    FloatVector larger = ONE.div(e.add(ONE));
    return larger.blend(larger.mul(e), x.compare(VectorOperators.LT, 0f));
  }

  /**
   * {@code d/dx x sigma(x) = sigma(x) + x sigma(x) sigma(-x)}; the smaller of the two sigmas by
   * itself, since one less the larger would lose its digits.
   */
  static FloatVector siluDerivative(FloatVector x) {
    FloatVector e = expNormal(x.abs().neg());
    FloatVector larger = ONE.div(e.add(ONE));
    FloatVector smaller = larger.mul(e);
    FloatVector sigma = larger.blend(smaller, x.compare(VectorOperators.LT, 0f));
    return x.mul(larger).fma(smaller, sigma);
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
