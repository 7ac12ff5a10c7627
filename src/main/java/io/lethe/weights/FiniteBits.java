// Tells by their bits whether numbers hold a NaN or an infinity, eight bytes at a time.
package io.lethe.weights;

import io.lethe.LetheException;
import io.lethe.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An IEEE 754 number is a NaN or an infinity if all bits of its exponent are set. The lowest of
 * them, added to the exponent alone, then carries into the sign's place, and nowhere else.
 *
 * @param exponents the bits of all exponents in eight bytes
 * @param lowest the lowest bit of each
 * @param signs the bit above each
 */
record FiniteBits(long exponents, long lowest, long signs) {
  private static final int CHUNK = 1024;

  /** For types of at most four bytes. */
  static FiniteBits of(DType dtype) {
    return switch (dtype) {
      case F32 ->
          new FiniteBits(0x7f80_0000_7f80_0000L, 0x0080_0000_0080_0000L, 0x8000_0000_8000_0000L);
      case F16 ->
          new FiniteBits(0x7c00_7c00_7c00_7c00L, 0x0400_0400_0400_0400L, 0x8000_8000_8000_8000L);
      case BF16 ->
          new FiniteBits(0x7f80_7f80_7f80_7f80L, 0x0080_0080_0080_0080L, 0x8000_8000_8000_8000L);
      default -> throw new LetheException("no bits for " + dtype);
    };
  }

  /** Whether every number is finite. */
  boolean hold(MemorySegment bytes) {
    long size = bytes.byteSize();
    long words = size / Long.BYTES;
    long[] chunk = new long[(int) Math.min(CHUNK, words)];
    for (long done = 0; done < words; done += chunk.length) {
      int count = (int) Math.min(chunk.length, words - done);
      MemorySegment.copy(bytes, TensorView.LONG, done * Long.BYTES, chunk, 0, count);
      if ((carries(chunk, count) & signs) != 0) {
        return false;
      }
    }
    long last = 0;
    for (long i = words * Long.BYTES; i < size; i++) {
      last |= (bytes.get(ValueLayout.JAVA_BYTE, i) & 0xffL) << 8 * (i % Long.BYTES);
    }
    return ((last & exponents) + lowest & signs) == 0;
  }

  private long carries(long[] words, int count) {
    long found = 0;
    for (int i = 0; i < count; i++) {
      found |= (words[i] & exponents) + lowest;
    }
    return found;
  }
}
