// One operand of a case: the values that every backend is to see, and what may happen to them.
package io.lethe.backend;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An operand. All values are representable in the type they are held in, so that a backend in
 * single precision and the reference in double begin from the same numbers.
 *
 * @param role what the contract says of it
 * @param values what it holds before the call; NaN for {@link Role#WRITTEN}
 * @param mapped the same in a file's layout, or null for compute memory
 * @param bound how exact it is to be after the call; null for {@link Role#READ}
 */
record CasesOperand(
    String name,
    Role role,
    Shape shape,
    double[] values,
    MemorySegment mapped,
    DType dtype,
    CasesBound bound) {

  /** READ stays as it is, WRITTEN is overwritten whole, ADDED is updated in place. */
  enum Role {
    READ,
    WRITTEN,
    ADDED
  }

  static CasesOperand read(String name, Shape shape, double[] values) {
    return new CasesOperand(name, Role.READ, shape, single(values), null, null, null);
  }

  /**
   * A weight in read-only mapped memory, as a checkpoint has it; unaligned, as nothing aligns it
   * there.
   */
  static CasesOperand mapped(String name, Shape shape, DType dtype, double[] values) {
    int count = values.length;
    MemorySegment segment = Arena.ofAuto().allocate((long) count * dtype.bytes() + 1).asSlice(1);
    double[] stored = new double[count];
    for (int i = 0; i < count; i++) {
      stored[i] = store(segment, dtype, i, values[i]);
    }
    return new CasesOperand(name, Role.READ, shape, stored, segment.asReadOnly(), dtype, null);
  }

  static CasesOperand written(String name, Shape shape, CasesBound bound) {
    double[] values = new double[shape.size()];
    Arrays.fill(values, Double.NaN);
    return new CasesOperand(name, Role.WRITTEN, shape, values, null, null, bound);
  }

  static CasesOperand added(String name, Shape shape, double[] values, CasesBound bound) {
    return new CasesOperand(name, Role.ADDED, shape, single(values), null, null, bound);
  }

  /**
   * The operand as a backend of this compute type takes it, in memory of its own unless it is
   * mapped.
   */
  Tensor tensor(DType computeType) {
    if (mapped != null) {
      return Tensor.mapped(name, shape, dtype, mapped);
    }
    if (computeType == DType.F64) {
      return Tensor.of(name, shape, values.clone());
    }
    float[] array = new float[values.length];
    for (int i = 0; i < array.length; i++) {
      array[i] = (float) values[i];
    }
    return Tensor.of(name, shape, array);
  }

  /** Rounds to single precision. */
  static double[] single(double[] values) {
    double[] rounded = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    return rounded;
  }

  /** Writes one little-endian element and returns the value that it then has. */
  private static double store(MemorySegment segment, DType dtype, int index, double value) {
    long at = (long) index * dtype.bytes();
    ByteOrder little = ByteOrder.LITTLE_ENDIAN;
    switch (dtype) {
      case F64 -> {
        segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(little), at, value);
        return value;
      }
      case F32 -> {
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(little), at, (float) value);
        return (float) value;
      }
      case F16 -> {
        short half = Float.floatToFloat16((float) value);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(little), at, half);
        return Float.float16ToFloat(half);
      }
      case BF16 -> {
        short brain = (short) (Float.floatToIntBits((float) value) >>> 16);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(little), at, brain);
        return Float.intBitsToFloat(brain << 16);
      }
      default -> throw new IllegalArgumentException(dtype + " holds no weights");
    }
  }
}
