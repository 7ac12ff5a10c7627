// Reads weights of any storage type as real numbers.
package io.lethe.backend.reference;

import io.lethe.LetheException;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.DType;
import io.lethe.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Elements of a weight as double; every storage type widens exactly. Files are little-endian and
 * may be unaligned.
 */
final class MappedReals {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private MappedReals() {}

  /** The tensor's own array where it is compute memory, or a copy of the mapped elements. */
  static double[] widen(Tensor tensor) {
    if (!tensor.isMapped()) {
      return tensor.doubles();
    }
    double[] values = new double[tensor.size()];
    read(tensor, 0, values, 0, values.length);
    return values;
  }

  /** Reads {@code count} elements from {@code first} on into {@code target}. */
  static void read(Tensor tensor, long first, double[] target, int offset, int count) {
    switch (tensor.buffer()) {
      case Buffer.Doubles(double[] array) ->
          System.arraycopy(array, (int) first, target, offset, count);
      case Buffer.Floats floats ->
          throw new LetheException("the reference computes in F64, and " + tensor + " is F32");
      case Buffer.Mapped(MemorySegment segment, DType dtype) -> {
        for (int i = 0; i < count; i++) {
          target[offset + i] = element(segment, dtype, first + i);
        }
      }
    }
  }

  private static double element(MemorySegment segment, DType dtype, long index) {
    long at = index * dtype.bytes();
    return switch (dtype) {
      case F64 -> segment.get(DOUBLE, at);
      case F32 -> segment.get(FLOAT, at);
      case F16 -> Float.float16ToFloat(segment.get(SHORT, at));
      case BF16 -> Float.intBitsToFloat(segment.get(SHORT, at) << 16);
      default -> throw new LetheException("a weight of type " + dtype + " holds no real numbers");
    };
  }
}
