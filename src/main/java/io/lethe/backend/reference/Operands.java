// Takes the operands of one call, and refuses those that do not fit, with names and shapes in the
// message.
package io.lethe.backend.reference;

import io.lethe.LetheException;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The operands of one call, in the order taken: inputs first, then outputs, since an output is
 * compared with all that were taken before it to see that it shares memory with none. Leading
 * extents are only checked in their product, so that {@code [N, T, C]} is {@code N*T} rows of
 * {@code C}.
 */
final class Operands {
  private final String operation;
  private final List<Tensor> taken = new ArrayList<>();

  Operands(String operation) {
    this.operation = operation;
  }

  /** Compute memory of {@code rows} rows of {@code last}. */
  double[] input(String role, Tensor tensor, long rows, long last) {
    requireRows(role, tensor, rows, last);
    taken.add(tensor);
    return tensor.doubles();
  }

  /** Compute memory of {@code size} elements under any shape. */
  double[] input(String role, Tensor tensor, long size) {
    requireSize(role, tensor, size);
    taken.add(tensor);
    return tensor.doubles();
  }

  /** Like {@link #input}, of one extent, or null where the contract allows it. */
  double[] optionalInput(String role, Tensor tensor, long size) {
    return tensor == null ? null : input(role, tensor, size);
  }

  /** A weight: compute memory as it is, or mapped memory widened to double. */
  double[] weight(String role, Tensor tensor, long rows, long last) {
    requireRows(role, tensor, rows, last);
    taken.add(tensor);
    return MappedReals.widen(tensor);
  }

  /** Compute memory to be written or added to, shared with no operand taken so far. */
  double[] output(String role, Tensor tensor, long rows, long last) {
    requireRows(role, tensor, rows, last);
    return separate(role, tensor);
  }

  double[] output(String role, Tensor tensor, long size) {
    requireSize(role, tensor, size);
    return separate(role, tensor);
  }

  /** Like {@link #output}, or null when this result is not wanted. */
  double[] optionalOutput(String role, Tensor tensor, long rows, long last) {
    return tensor == null ? null : output(role, tensor, rows, last);
  }

  double[] optionalOutput(String role, Tensor tensor, long size) {
    return tensor == null ? null : output(role, tensor, size);
  }

  /** An error that begins with the operation's name. */
  LetheException error(String what) {
    return new LetheException(operation + ": " + what);
  }

  /** Refuses what the formula has no meaning for. */
  void require(boolean holds, String what) {
    if (!holds) {
      throw error(what);
    }
  }

  private double[] separate(String role, Tensor tensor) {
    double[] array = tensor.doubles();
    for (Tensor other : taken) {
      if (other.buffer() instanceof Buffer.Doubles(double[] values)
          && values == array
          && array.length > 0) {
        throw error(role + " '" + tensor.name() + "' shares memory with '" + other.name() + "'");
      }
    }
    taken.add(tensor);
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
