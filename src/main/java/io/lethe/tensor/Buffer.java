// The three kinds of memory behind a tensor: float[] and double[] to compute in, a mapped file to
// read weights from.
package io.lethe.tensor;

import java.lang.foreign.MemorySegment;

/** Storage of a tensor. Closed set, so that every reader says what it does with each kind. */
public sealed interface Buffer {
  /** Compute memory of the CPU backend; the array has exactly the tensor's element count. */
  record Floats(float[] array) implements Buffer {}

  /** Compute memory of the reference backend; the array has exactly the tensor's element count. */
  record Doubles(double[] array) implements Buffer {}

  /**
   * A frozen weight where it lies in its file, little-endian and row-major; read by packers and
   * gathers only.
   */
  record Mapped(MemorySegment segment, DType dtype) implements Buffer {}
}
