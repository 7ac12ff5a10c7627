// NaNs and infinities found by their bits are those that Java finds, wherever they stand.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FiniteBitsTest {
  /** Every half, and every brain float, alone in the tail and among finite neighbours. */
  @Test
  void tellsEveryNumberOfTwoBytes() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short number = (short) bits;
      boolean half = Float.isFinite(Float.float16ToFloat(number));
      boolean brain = Float.isFinite(Float.intBitsToFloat(bits << 16));
      for (int count : new int[] {1, 4, 7}) {
        short[] numbers = new short[count];
        numbers[count / 2] = number;
        MemorySegment bytes = MemorySegment.ofArray(numbers);
        assertEquals(half, FiniteBits.of(DType.F16).hold(bytes), () -> "half " + number);
        assertEquals(brain, FiniteBits.of(DType.BF16).hold(bytes), () -> "brain float " + number);
      }
    }
  }

  /** Neighbours with all bits of the exponent but one set do not carry into each other. */
  @Test
  void findsOneAmongTheLargestNumbers() {
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int at = 0; at < 5003; at += 7) {
        float[] numbers = new float[5003];
        Arrays.fill(numbers, -Float.MAX_VALUE);
        assertTrue(FiniteBits.of(DType.F32).hold(MemorySegment.ofArray(numbers)));
        numbers[at] = odd;
        assertFalse(FiniteBits.of(DType.F32).hold(MemorySegment.ofArray(numbers)));
      }
    }
  }

  @Test
  void nothingIsFinite() {
    assertTrue(FiniteBits.of(DType.F16).hold(MemorySegment.ofArray(new short[0])));
  }
}
