// A shape over a buffer, with the checks that keep a closed or foreign buffer from being read.
package io.lethe.tensor;

import io.lethe.LetheException;
import java.lang.foreign.MemorySegment;

/**
 * A dense row-major array. Activations are channels-last: {@code [N, H*W, C]} and {@code [N, T,
 * C]}; weights keep the shape of the checkpoint ({@code [out, in]}, {@code [K, C, R, S]}).
 *
 * <p>The shape never changes; {@link #reshape} gives a second view of the same memory. A tensor of
 * a {@link Scope} dies with it: reading it afterwards raises an error that names it.
 */
public final class Tensor {
  private final String name;
  private final Shape shape;
  private final Buffer buffer;
  private final Lease lease;

  /** Shared by all views of one buffer, so that closing the owner closes every view. */
  static final class Lease {
    private boolean closed;

    boolean isClosed() {
      return closed;
    }

    void close() {
      closed = true;
    }
  }

  Tensor(String name, Shape shape, Buffer buffer, Lease lease) {
    this.name = name;
    this.shape = shape;
    this.buffer = buffer;
    this.lease = lease;
  }

  /** A tensor over an array that the caller owns and the garbage collector frees. */
  public static Tensor of(String name, Shape shape, float[] array) {
    requireLength(name, shape, array.length);
    return new Tensor(name, shape, new Buffer.Floats(array), new Lease());
  }

  /** A double-precision tensor over an array that the caller owns. */
  public static Tensor of(String name, Shape shape, double[] array) {
    requireLength(name, shape, array.length);
    return new Tensor(name, shape, new Buffer.Doubles(array), new Lease());
  }

  /** A frozen weight in mapped memory. The mapping must outlive the tensor. */
  public static Tensor mapped(String name, Shape shape, DType dtype, MemorySegment segment) {
    if (!dtype.isFloat()) {
      throw new LetheException(
          "tensor '" + name + "' is " + dtype + ", which holds no real numbers");
    }
    if (segment.byteSize() != shape.elements() * dtype.bytes()) {
      throw new LetheException(
          "tensor '"
              + name
              + "' "
              + shape
              + " "
              + dtype
              + " does not fill its "
              + segment.byteSize()
              + " bytes");
    }
    return new Tensor(name, shape, new Buffer.Mapped(segment, dtype), new Lease());
  }

  private static void requireLength(String name, Shape shape, int length) {
    if (shape.elements() != length) {
      throw new LetheException(
          "tensor '" + name + "' " + shape + " does not fit an array of " + length);
    }
  }

  public String name() {
    return name;
  }

  public Shape shape() {
    return shape;
  }

  public int size() {
    return shape.size();
  }

  public DType dtype() {
    return switch (buffer) {
      case Buffer.Floats floats -> DType.F32;
      case Buffer.Doubles doubles -> DType.F64;
      case Buffer.Mapped mapped -> mapped.dtype();
    };
  }

  /** Whether this is a frozen weight in its file. */
  public boolean isMapped() {
    return buffer instanceof Buffer.Mapped;
  }

  /** The memory, after the check that it is still open. */
  public Buffer buffer() {
    if (lease.isClosed()) {
      throw new LetheException(
          "tensor '" + name + "' " + shape + " is used after its scope was closed");
    }
    return buffer;
  }

  /** The F32 compute array. @throws LetheException when this tensor is of another kind */
  public float[] floats() {
    if (buffer() instanceof Buffer.Floats(float[] array)) {
      return array;
    }
    throw wrongKind("F32 compute memory");
  }

  /** The F64 compute array. @throws LetheException when this tensor is of another kind */
  public double[] doubles() {
    if (buffer() instanceof Buffer.Doubles(double[] array)) {
      return array;
    }
    throw wrongKind("F64 compute memory");
  }

  /** The mapped bytes. @throws LetheException when this tensor is of another kind */
  public MemorySegment segment() {
    if (buffer() instanceof Buffer.Mapped mapped) {
      return mapped.segment();
    }
    throw wrongKind("mapped memory");
  }

  /** The same memory under another shape of as many elements. */
  public Tensor reshape(Shape other) {
    if (other.elements() != shape.elements()) {
      throw new LetheException("tensor '" + name + "' " + shape + " cannot be seen as " + other);
    }
    return new Tensor(name, other, buffer, lease);
  }

  Lease lease() {
    return lease;
  }

  private LetheException wrongKind(String wanted) {
    return new LetheException(
        "tensor '" + name + "' " + shape + " is " + dtype() + ", not " + wanted);
  }

  @Override
  public String toString() {
    return name + shape + ":" + dtype();
  }
}
