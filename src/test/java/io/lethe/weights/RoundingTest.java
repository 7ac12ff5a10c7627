// Rounding to F16 and BF16 is to nearest even, also from double.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.DType;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RoundingTest {
  @Test
  void everyHalfAndBrainFloatSurvivesARoundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float half = Float.float16ToFloat((short) bits);
      assertEquals(half, Rounding.round(half, DType.F16));
      float brain = Rounding.fromBrainFloat((short) bits);
      assertEquals(brain, Rounding.round(brain, DType.BF16));
      if (!Float.isNaN(brain)) {
        assertEquals((short) bits, Rounding.toBrainFloat(brain));
      }
    }
    assertTrue(Float.isNaN(Rounding.round(Float.intBitsToFloat(0x7f800001), DType.BF16)));
  }

  @Test
  void brainFloatsRoundToTheNearestAndTiesToEven() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      int bits = random.nextInt();
      if (i % 3 == 0) {
        bits = bits & 0xffff0000 | 0x8000; // a tie
      }
      float value = Float.intBitsToFloat(bits);
      if (!Float.isFinite(value)) {
        continue;
      }
      float below = Rounding.fromBrainFloat((short) (bits >>> 16));
      float above = Rounding.fromBrainFloat((short) ((bits >>> 16) + 1));
      double toBelow = Math.abs((double) value - below);
      // beyond the largest, infinity counts as the next power of two
      double next = Float.isInfinite(above) ? Math.copySign(0x1p128, above) : above;
      double toAbove = Math.abs(value - next);
      boolean takeBelow = toBelow < toAbove || toBelow == toAbove && (bits >>> 16 & 1) == 0;
      assertEquals(takeBelow ? below : above, Rounding.round(value, DType.BF16));
    }
  }

  @Test
  void halvesFromDoubleAreRoundedOnce() {
    // 1 + 2^-11 is a tie between 1 and 1 + 2^-10; the smallest bit above must decide, though a
    // float cannot hold it
    double justAbove = 1 + 0x1p-11 + 0x1p-40;
    assertEquals(1f, Rounding.round((float) justAbove, DType.F16), "twice rounded");
    assertEquals(1 + 0x1p-10f, Rounding.round(Rounding.toOdd(justAbove), DType.F16));
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 100_000; i++) {
      double value = Math.scalb(random.nextDouble(-2, 2), random.nextInt(-27, 15));
      if (i % 2 == 0) { // near a tie
        short half = Float.floatToFloat16((float) value);
        double step =
            (double) Float.float16ToFloat((short) (half + 1)) - Float.float16ToFloat(half);
        value = Float.float16ToFloat(half) + step / 2 + Math.scalb(step, -random.nextInt(20, 45));
      }
      assertNearestHalf(value, Rounding.round(Rounding.toOdd(value), DType.F16));
    }
  }

  private static void assertNearestHalf(double value, float rounded) {
    if (Double.isInfinite(value) || Float.isInfinite(rounded)) {
      assertTrue(Math.abs(value) >= 65520);
      return;
    }
    int bits = Float.floatToFloat16(rounded);
    BigDecimal error = distance(value, bits);
    for (int neighbour : new int[] {bits - 1, bits + 1}) {
      if (Float.isFinite(Float.float16ToFloat((short) neighbour))) {
        int order = error.compareTo(distance(value, neighbour));
        assertTrue(order < 0 || order == 0 && (bits & 1) == 0, () -> value + " to " + rounded);
      }
    }
  }

  private static BigDecimal distance(double value, int half) {
    return new BigDecimal(value).subtract(new BigDecimal(Float.float16ToFloat((short) half))).abs();
  }
}
