// One tensor of a mapped file: type, shape and bytes, read on demand.
package io.lethe.weights;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A tensor as it lies in its file: row-major, little-endian, not necessarily aligned.
 *
 * @param name its name; in a {@link Checkpoint} the canonical one
 * @param bytes the mapped data, {@code shape.elements() * dtype.bits() / 8} bytes
 * @param file where it comes from
 * @param offset the byte of the file at which it starts
 */
public record TensorView(
    String name, DType dtype, Shape shape, MemorySegment bytes, Path file, long offset) {

  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int CHUNK = 4096;

  /** This tensor under another name and shape of as many elements. */
  TensorView as(String newName, Shape newShape) {
    return new TensorView(newName, dtype, newShape, bytes, file, offset);
  }

  /**
   * All elements as floats: F16 and BF16 exactly, F64 rounded to nearest even.
   *
   * @throws SafeTensorsException if the type is none of F32, F16, BF16, F64
   */
  public float[] toFloats() {
    float[] values = new float[shape.size()];
    readFloats(0, values, 0, values.length);
    return values;
  }

  /**
   * Elements {@code [first, first + count)} in row-major order into {@code target[at ..]}.
   *
   * @throws SafeTensorsException if the type is none of F32, F16, BF16, F64, or the file has become
   *     shorter since it was opened
   */
  public void readFloats(long first, float[] target, int at, int count) {
    try {
      convert(first, target, at, count);
    } catch (InternalError fault) {
      throw shrunk(fault);
    }
  }

  private void convert(long first, float[] target, int at, int count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(bytes, FLOAT, first * 4, target, at, count);
      case F16 -> readHalves(first, target, at, count);
      case BF16 -> readBrainFloats(first, target, at, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          target[at + i] = (float) bytes.get(DOUBLE, (first + i) * 8);
        }
      }
      default -> throw notReal();
    }
  }

  /** All elements as doubles, exactly. @throws SafeTensorsException as {@link #toFloats} */
  public double[] toDoubles() {
    double[] values = new double[shape.size()];
    if (dtype == DType.F64) {
      try {
        MemorySegment.copy(bytes, DOUBLE, 0, values, 0, values.length);
      } catch (InternalError fault) {
        throw shrunk(fault);
      }
      return values;
    }
    float[] chunk = new float[Math.min(CHUNK, values.length)];
    for (int done = 0; done < values.length; done += chunk.length) {
      int count = Math.min(chunk.length, values.length - done);
      readFloats(done, chunk, 0, count);
      for (int i = 0; i < count; i++) {
        values[done + i] = chunk[i];
      }
    }
    return values;
  }

  /**
   * All elements of an integer or BOOL tensor.
   *
   * @throws SafeTensorsException for any other type, and for a U64 of 2^63 or more
   */
  public long[] toLongs() {
    long[] values = new long[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case I64, U64 -> bytes.get(LONG, 8L * i);
            case I32 -> bytes.get(INT, 4L * i);
            case U32 -> Integer.toUnsignedLong(bytes.get(INT, 4L * i));
            case I16 -> bytes.get(SHORT, 2L * i);
            case U16 -> Short.toUnsignedLong(bytes.get(SHORT, 2L * i));
            case I8 -> bytes.get(ValueLayout.JAVA_BYTE, i);
            case U8, BOOL -> Byte.toUnsignedLong(bytes.get(ValueLayout.JAVA_BYTE, i));
            default ->
                throw new SafeTensorsException(
                    file, name, offset, "has type " + dtype + ", but integers are needed");
          };
      if (dtype == DType.U64 && values[i] < 0) {
        throw new SafeTensorsException(
            file, name, offset + 8L * i, "holds an unsigned number of 2^63 or more");
      }
    }
    return values;
  }

  /**
   * The row-major index of the first NaN or infinity, or -1 if every element is finite.
   *
   * @throws SafeTensorsException as {@link #toFloats}
   */
  public long firstNotFinite() {
    try {
      if (dtype.isFloat() && dtype != DType.F64 && FiniteBits.of(dtype).hold(bytes)) {
        return -1;
      }
    } catch (InternalError fault) {
      throw shrunk(fault);
    }
    long elements = shape.elements();
    float[] chunk = new float[(int) Math.min(CHUNK, elements)];
    for (long done = 0; done < elements; done += chunk.length) {
      int count = (int) Math.min(chunk.length, elements - done);
      readFloats(done, chunk, 0, count);
      for (int i = 0; i < count; i++) {
        if (!Float.isFinite(chunk[i])) {
          return done + i;
        }
      }
    }
    return -1;
  }

  private void readHalves(long first, float[] target, int at, int count) {
    short[] halves = new short[Math.min(CHUNK, count)];
    for (int done = 0; done < count; done += halves.length) {
      int part = Math.min(halves.length, count - done);
      MemorySegment.copy(bytes, SHORT, (first + done) * 2, halves, 0, part);
      for (int i = 0; i < part; i++) {
        target[at + done + i] = Float.float16ToFloat(halves[i]);
      }
    }
  }

  private void readBrainFloats(long first, float[] target, int at, int count) {
    short[] upper = new short[Math.min(CHUNK, count)];
    int[] bits = new int[upper.length];
    MemorySegment words = MemorySegment.ofArray(bits);
    MemorySegment floats = MemorySegment.ofArray(target);
    for (int done = 0; done < count; done += upper.length) {
      int part = Math.min(upper.length, count - done);
      MemorySegment.copy(bytes, SHORT, (first + done) * 2, upper, 0, part);
      for (int i = 0; i < part; i++) {
        bits[i] = upper[i] << 16;
      }
      MemorySegment.copy(words, 0, floats, 4L * (at + done), 4L * part);
    }
  }

  /** Java reports a page of a mapping that is no longer there as an InternalError. */
  private SafeTensorsException shrunk(InternalError fault) {
    return new SafeTensorsException(
        file, name, offset, "cannot be read; the file was changed while it was open", fault);
  }

  private SafeTensorsException notReal() {
    return new SafeTensorsException(
        file, name, offset, "has type " + dtype + ", but F32, F16, BF16 or F64 is needed");
  }
}
