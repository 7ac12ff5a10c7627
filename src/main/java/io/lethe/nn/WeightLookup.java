// Where parameters come from.
package io.lethe.nn;

import io.lethe.tensor.Shape;
import io.lethe.weights.TensorView;

/**
 * Finds a tensor of a checkpoint by its canonical name; raises a user error that names the file
 * when it is missing. The shape is what the model expects, for sources that make weights rather
 * than read them.
 */
@FunctionalInterface
public interface WeightLookup {
  TensorView tensor(String name, Shape shape);
}
