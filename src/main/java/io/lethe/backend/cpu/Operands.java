// Takes the operands of one call, and refuses those that do not fit, with names and shapes in the
// message.
package io.lethe.backend.cpu;

import io.lethe.LetheException;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * The operands of one call in the order taken, inputs before outputs, since an output is compared
 * with all that were taken before it: it may share memory with none. Leading extents count by their
 * product.
 */
final class Operands {
  /** The most operands that a primitive has. */
  private static final int MOST = 11;

  private final String operation;
  private final Tensor[] taken = new Tensor[MOST];
  private int count;

  Operands(String operation) {
    this.operation = operation;
  }

  /** Compute memory of {@code rows} rows of {@code last}. */
  float[] input(String role, Tensor tensor, long rows, long last) {
    requireRows(role, tensor, rows, last);
    taken[count++] = tensor;
    return tensor.floats();
  }

  /** Compute memory of {@code size} elements under any shape. */
  float[] input(String role, Tensor tensor, long size) {
    requireSize(role, tensor, size);
    taken[count++] = tensor;
    return tensor.floats();
  }

  /** A weight in compute memory or mapped. */
  Buffer weight(String role, Tensor tensor, long rows, long last) {
    requireRows(role, tensor, rows, last);
    taken[count++] = tensor;
    return tensor.buffer();
  }

  Buffer weight(String role, Tensor tensor, long size) {
    requireSize(role, tensor, size);
    taken[count++] = tensor;
    return tensor.buffer();
  }

  /** Compute memory to be written or added to, shared with no operand taken so far. */
  float[] output(String role, Tensor tensor, long rows, long last) {
    requireRows(role, tensor, rows, last);
    return separate(role, tensor);
  }

  float[] output(String role, Tensor tensor, long size) {
    requireSize(role, tensor, size);
    return separate(role, tensor);
  }

  /** Like {@link #output}, or null when this result is not wanted. */
  float[] optionalOutput(String role, Tensor tensor, long rows, long last) {
    return tensor == null ? null : output(role, tensor, rows, last);
  }

  float[] optionalOutput(String role, Tensor tensor, long size) {
    return tensor == null ? null : output(role, tensor, size);
  }

  /** Like {@link #input}, or null where the contract allows it. */
  float[] optionalInput(String role, Tensor tensor, long size) {
    return tensor == null ? null : input(role, tensor, size);
  }

  /** An error that begins with the operation's name. */
  LetheException error(String what) {
    return new LetheException(operation + ": " + what);
  }

  @SuppressWarnings("ReferenceEquality") // two arrays of equal contents are not shared memory
  private float[] separate(String role, Tensor tensor) {
    float[] array = tensor.floats();
    for (int i = 0; i < count; i++) {
      if (taken[i].buffer() instanceof Buffer.Floats(float[] other)
          && other == array
          && array.length > 0) {
        throw error(role + " '" + tensor.name() + "' shares memory with '" + taken[i].name() + "'");
      }
    }
    taken[count++] = tensor;
    return array;
  }

  private void requireRows(String role, Tensor tensor, long rows, long last) {
    Shape shape = present(role, tensor).shape();
    long innermost = shape.rank() == 0 ? 1 : shape.dim(-1);
    if (shape.elements() != rows * last || innermost != last) {
      throw error(
          role + " '" + tensor.name() + "' is " + shape + ", not " + rows + " rows of " + last);
    }
  }

  private void requireSize(String role, Tensor tensor, long size) {
    Shape shape = present(role, tensor).shape();
    if (shape.elements() != size) {
      throw error(
          role + " '" + tensor.name() + "' is " + shape + ", which is not " + size + " elements");
    }
  }

  private Tensor present(String role, Tensor tensor) {
    if (tensor == null) {
      throw error(role + " is missing");
    }
    return tensor;
  }
}
