// Reads and writes the one element of a scalar tensor.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.Tensor;

final class Scalars {
  private Scalars() {}

  static double get(Tensor scalar) {
    return switch (scalar.buffer()) {
      case Buffer.Floats(float[] array) -> array[0];
      case Buffer.Doubles(double[] array) -> array[0];
      case Buffer.Mapped mapped -> throw new LetheException(scalar + " is not compute memory");
    };
  }

  static void set(Tensor scalar, double value) {
    switch (scalar.buffer()) {
      case Buffer.Floats(float[] array) -> array[0] = (float) value;
      case Buffer.Doubles(double[] array) -> array[0] = value;
      case Buffer.Mapped mapped -> throw new LetheException(scalar + " is not compute memory");
    }
  }
}
