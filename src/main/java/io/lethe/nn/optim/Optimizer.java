// Moves parameters against their gradients.
package io.lethe.nn.optim;

import io.lethe.nn.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** An optimiser over a fixed list of trainable parameters in F32. */
public interface Optimizer {
  /** One update from the gradients that the parameters hold. */
  void step();

  /** Another learning rate for the steps to come, for schedules. */
  void setLearningRate(double lr);

  /** The parameters that it moves. */
  List<Parameter> parameters();

  /**
   * Every number that the next step depends on, by a stable name; the arrays are live, for saving
   * and restoring.
   */
  Map<String, float[]> state();

  /** How many steps were taken. */
  int steps();

  /** Continues from a saved count of steps. */
  void setSteps(int steps);

  /** Forgets the gradients; to be called before each backward. */
  default void zeroGradients() {
    for (Parameter parameter : parameters()) {
      Arrays.fill(parameter.gradient().floats(), 0f);
    }
  }
}
