// Rounding to the storage types, to nearest, ties to even.
package io.lethe.weights;

import io.lethe.LetheException;
import io.lethe.tensor.DType;

/** Conversions between floats and the bits of F16 and BF16. */
public final class Rounding {
  private Rounding() {}

  /** The upper half of the float's bits after rounding; a NaN stays a NaN. */
  public static short toBrainFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) (bits >>> 16 | 0x40); // the payload's upper bits may be 0: make it quiet
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** The float whose upper half these bits are. */
  public static float fromBrainFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The value as it reads back from a file of this type. */
  public static float round(float value, DType dtype) {
    return switch (dtype) {
      case F32, F64 -> value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> fromBrainFloat(toBrainFloat(value));
      default -> throw new LetheException("a float cannot be stored as " + dtype);
    };
  }

  /**
   * A float that rounds to F16 or BF16 as the double itself would.
   *
   * <p>Rounding twice to nearest can be wrong on a tie; so the first rounding is to odd: where
   * digits are lost, the value is cut towards zero and its last bit set, which no tie survives.
   */
  static float toOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value)) {
      return nearest;
    }
    int bits = Float.floatToRawIntBits(nearest);
    int towardsZero = Math.abs((double) nearest) > Math.abs(value) ? bits - 1 : bits;
    return Float.intBitsToFloat(towardsZero | 1);
  }
}
