// Where the elements of a tensor to be written come from.
package io.lethe.weights;

import java.lang.foreign.MemorySegment;

/** The content of a {@link TensorEntry}; only {@link Bytes} is written without conversion. */
public sealed interface TensorSource {
  /** The elements as they shall stand in the file: row-major, little-endian, in its own type. */
  record Bytes(MemorySegment bytes) implements TensorSource {}

  /** Floats, rounded to the entry's type (F32, F16, BF16 or F64) to nearest even. */
  record Floats(float[] values) implements TensorSource {}

  /** Doubles, rounded once to the entry's type (F32, F16, BF16 or F64) to nearest even. */
  record Doubles(double[] values) implements TensorSource {}

  /** Floats made while they are written, so that a file larger than the heap can be. */
  record Computed(Fill fill) implements TensorSource {}

  /** Gives any run of a tensor's elements. */
  @FunctionalInterface
  interface Fill {
    /** Puts elements {@code [first, first + count)}, in row-major order, at the target's start. */
    void fill(long first, float[] target, int count);
  }
}
