// One tensor to be written.
package io.lethe.weights;

import io.lethe.LetheException;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;

/** Name, type, shape and content of a tensor for {@link SafeTensorsWriter}. */
public record TensorEntry(String name, DType dtype, Shape shape, TensorSource source) {

  /**
   * @throws LetheException if the content does not have the size that type and shape ask for
   */
  public TensorEntry {
    long given =
        switch (source) {
          case TensorSource.Bytes bytes -> bytes.bytes().byteSize();
          case TensorSource.Floats floats -> floats.values().length;
          case TensorSource.Doubles doubles -> doubles.values().length;
          case TensorSource.Computed _ -> shape.elements();
        };
    boolean raw = source instanceof TensorSource.Bytes;
    long wanted = raw ? byteSize(dtype, shape) : shape.elements();
    if (given != wanted) {
      throw new LetheException(
          "tensor %s of %s %s takes %d %s, but %d were given"
              .formatted(
                  Printable.quote(name), dtype, shape, wanted, raw ? "bytes" : "elements", given));
    }
    if (!raw && !dtype.isFloat()) {
      throw new LetheException(
          "tensor " + Printable.quote(name) + ": floats cannot be written as " + dtype);
    }
  }

  /** These floats, rounded to the type. */
  public static TensorEntry of(String name, DType dtype, Shape shape, float[] values) {
    return new TensorEntry(name, dtype, shape, new TensorSource.Floats(values));
  }

  /** These doubles, rounded to the type. */
  public static TensorEntry of(String name, DType dtype, Shape shape, double[] values) {
    return new TensorEntry(name, dtype, shape, new TensorSource.Doubles(values));
  }

  /** A tensor of another file, byte for byte. */
  public static TensorEntry of(TensorView view) {
    return new TensorEntry(
        view.name(), view.dtype(), view.shape(), new TensorSource.Bytes(view.bytes()));
  }

  long byteSize() {
    return byteSize(dtype, shape);
  }

  private static long byteSize(DType dtype, Shape shape) {
    return Math.multiplyExact(shape.elements(), dtype.bits()) / 8;
  }
}
