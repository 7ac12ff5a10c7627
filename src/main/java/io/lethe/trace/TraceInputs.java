// The named tensors that a trace runs on.
package io.lethe.trace;

import io.lethe.UserError;
import io.lethe.tensor.Shape;
import io.lethe.weights.TensorView;
import java.util.Map;

/** Inputs by name, with errors that say which one is missing or of the wrong shape. */
public final class TraceInputs {
  private final String origin;
  private final Map<String, TensorView> tensors;

  /**
   * @param origin the file that the tensors come from, for error messages
   */
  public TraceInputs(String origin, Map<String, TensorView> tensors) {
    this.origin = origin;
    this.tensors = tensors;
  }

  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * @throws UserError when the input is missing
   */
  public TensorView get(String name) {
    TensorView view = tensors.get(name);
    if (view == null) {
      throw new UserError(
          origin
              + ": input '"
              + name
              + "' is missing; there are "
              + String.join(", ", tensors.keySet()));
    }
    return view;
  }

  /** The input with this many axes. */
  TensorView get(String name, int rank) {
    TensorView view = get(name);
    if (view.shape().rank() != rank) {
      throw new UserError(
          origin + ": input '" + name + "' " + view.shape() + " should have " + rank + " axes");
    }
    return view;
  }

  /** The input, which must have exactly this shape. */
  TensorView get(String name, Shape shape) {
    TensorView view = get(name);
    if (!view.shape().equals(shape)) {
      throw new UserError(
          origin + ": input '" + name + "' " + view.shape() + " should be " + shape);
    }
    return view;
  }

  /** Token ids, one row a text. */
  int[][] ids(String name, int vocabulary) {
    TensorView view = get(name, 2);
    long[] flat = view.toLongs();
    int[][] rows = new int[view.shape().dim(0)][view.shape().dim(1)];
    for (int i = 0; i < flat.length; i++) {
      if (flat[i] < 0 || flat[i] >= vocabulary) {
        throw new UserError(
            origin
                + ": input '"
                + name
                + "' holds id "
                + flat[i]
                + " outside the vocabulary of "
                + vocabulary);
      }
      rows[i / view.shape().dim(1)][i % view.shape().dim(1)] = (int) flat[i];
    }
    return rows;
  }
}
