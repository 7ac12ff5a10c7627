// Projections of random numbers, for tests.
package io.lethe.erase.closed;

import io.lethe.backend.Parallel;
import io.lethe.erase.dense.DenseTest;
import io.lethe.tensor.Shape;
import io.lethe.trace.Golden;
import io.lethe.weights.TensorView;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of two layers. */
final class RandomProjections {
  private RandomProjections() {}

  static Projections of(int width, int outputs) {
    List<TensorView> weights = new ArrayList<>();
    for (String name : List.of("a.attn2.to_k", "a.attn2.to_v", "b.attn2.to_k", "b.attn2.to_v")) {
      double[] values = DenseTest.random(outputs, width, name.hashCode()).values();
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      weights.add(Golden.view(name + ".weight", Shape.of(outputs, width), floats));
    }
    return Projections.of(weights, name -> true, Parallel.ALONE, false);
  }
}
