// Reads runs of a weight as floats, whatever memory and element type it lies in.
package io.lethe.backend.cpu;

import io.lethe.LetheException;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Widens F16, BF16 and rounds F64 on the way; holds the small arrays of one worker for that. */
final class PackerReader {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Elements converted at once: a few KB, so that they are still in the first cache. */
  private static final int RUN = 1024;

  private final short[] halves = new short[RUN];
  private final double[] doubles = new double[RUN];

  /** {@code out[outAt + i] = source[at + i]} for i from 0 to count - 1. */
  void read(Buffer source, long at, int count, float[] out, int outAt) {
    switch (source) {
      case Buffer.Floats(float[] array) ->
          System.arraycopy(array, Math.toIntExact(at), out, outAt, count);
      case Buffer.Doubles wrong ->
          throw new LetheException("the CPU backend computes in F32, not in F64");
      case Buffer.Mapped(MemorySegment segment, DType dtype) -> {
        switch (dtype) {
          case F32 -> MemorySegment.copy(segment, FLOAT, at * Float.BYTES, out, outAt, count);
          case F16, BF16 -> readHalves(segment, dtype == DType.F16, at, count, out, outAt);
          case F64 -> readDoubles(segment, at, count, out, outAt);
          default -> throw new LetheException("a weight of type " + dtype + " cannot be read");
        }
      }
    }
  }

  private void readHalves(
      MemorySegment segment, boolean ieee, long at, int count, float[] out, int outAt) {
    for (int done = 0; done < count; done += RUN) {
      int run = Math.min(RUN, count - done);
      MemorySegment.copy(segment, SHORT, (at + done) * Short.BYTES, halves, 0, run);
      if (ieee) {
        for (int i = 0; i < run; i++) {
          out[outAt + done + i] = Float.float16ToFloat(halves[i]);
        }
      } else {
        for (int i = 0; i < run; i++) {
          out[outAt + done + i] = Float.intBitsToFloat(halves[i] << 16);
        }
      }
    }
  }

  private void readDoubles(MemorySegment segment, long at, int count, float[] out, int outAt) {
    for (int done = 0; done < count; done += RUN) {
      int run = Math.min(RUN, count - done);
      MemorySegment.copy(segment, DOUBLE, (at + done) * Double.BYTES, doubles, 0, run);
      for (int i = 0; i < run; i++) {
        out[outAt + done + i] = (float) doubles[i];
      }
    }
  }
}
