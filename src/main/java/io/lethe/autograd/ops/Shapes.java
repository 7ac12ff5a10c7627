// Shape checks that all operators share: refuse, and say what was given.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

final class Shapes {
  private Shapes() {}

  /** Refuses a tensor that does not have the shape that the operator asks for. */
  static void require(String operator, Tensor tensor, Shape expected) {
    if (!tensor.shape().equals(expected)) {
      throw new LetheException(operator + ": " + tensor + " should be " + expected);
    }
  }

  static void requireRank(String operator, Tensor tensor, int rank) {
    if (tensor.shape().rank() != rank) {
      throw new LetheException(operator + ": " + tensor + " should have " + rank + " axes");
    }
  }

  /** Bytes of all these tensors, each read or written once. */
  static long bytes(Tensor... tensors) {
    long sum = 0;
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        sum += tensor.shape().elements() * tensor.dtype().bytes();
      }
    }
    return sum;
  }
}
