// One application of an operator on small odd sizes, for the tests of gradients.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weightstools.SyntheticWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * A case.
 *
 * @param operator the class under test
 * @param what tells this case from others of the operator
 * @param forward applies the operator to inputs of {@code shapes}, all of which it differentiates
 */
record OperatorCase(
    Class<? extends Operation> operator, String what, List<Shape> shapes, Forward forward) {
  /** The operator with everything but its differentiable inputs fixed. */
  @FunctionalInterface
  interface Forward {
    Value apply(Tape tape, Value... inputs);
  }

  static OperatorCase of(
      Class<? extends Operation> operator, String what, Forward forward, Shape... shapes) {
    return new OperatorCase(operator, what, List.of(shapes), forward);
  }

  /** Seeded numbers of unit variance, one array an input. */
  List<double[]> inputs() {
    List<double[]> inputs = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      inputs.add(signal(this + " input " + i, shapes.get(i)));
    }
    return inputs;
  }

  static double[] signal(String name, Shape shape) {
    float[] values = SyntheticWeights.signal(name, shape.extents());
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  static Tensor tensor(String name, Shape shape) {
    return Tensor.of(name, shape, signal(name, shape));
  }

  @Override
  public String toString() {
    return operator.getSimpleName() + " " + what;
  }
}
