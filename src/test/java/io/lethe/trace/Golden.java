// Golden data: what the original implementations computed, and how close Lethe must come.
package io.lethe.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.TensorView;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * One golden file with the comparisons of golden/README.md: {@code ||a - b|| <= tol * ||b||} over
 * the stored elements.
 */
final class Golden {
  static final Path FOLDER = Path.of("src/test/resources/golden");
  static final double FORWARD = 1e-5;
  static final double GRADIENT = 1e-4;

  private final SafeTensorsFile file;

  Golden(String name, Arena arena) {
    this.file = SafeTensorsFile.open(FOLDER.resolve(name), arena);
  }

  Map<String, TensorView> tensors() {
    return file.tensors();
  }

  TensorView get(String name) {
    return file.tensor(name);
  }

  /** Weights by the synthetic rule, in memory. */
  static TensorView synthetic(String name, Shape shape) {
    return view(name, shape, SyntheticWeights.weights(name, shape));
  }

  /** The signal of the golden data's rule as an input tensor. */
  static TensorView signal(String name, long... extents) {
    return view(name, Shape.of(extents), SyntheticWeights.signal(name, extents));
  }

  static TensorView view(String name, Shape shape, float[] values) {
    return new TensorView(
        name, DType.F32, shape, MemorySegment.ofArray(values), Path.of("synthetic"), 0);
  }

  /** Every k-th element of the flattened tensor, as golden/README.md thins: the first n. */
  static float[] thin(float[] values, int n) {
    if (values.length <= n) {
      return values;
    }
    int k = Math.max(1, values.length / n);
    if (k % 2 == 0 && k > 1) {
      k--;
    }
    float[] thinned = new float[n];
    for (int i = 0; i < n; i++) {
      thinned[i] = values[i * k];
    }
    return thinned;
  }

  /** Compares one result, thinned as stored. */
  void compare(String name, float[] actual, double tolerance) {
    double[] expected = get(name).toDoubles();
    compare(name, thin(actual, expected.length), expected, tolerance, 0);
  }

  static void compare(
      String name, float[] actual, double[] expected, double tolerance, double slack) {
    assertEquals(expected.length, actual.length, name);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    difference = Math.sqrt(difference);
    norm = Math.sqrt(norm);
    if (!(difference <= tolerance * norm + slack)) {
      fail(name + ": ||a - b|| / ||b|| = " + difference / norm + " > " + tolerance);
    }
  }

  /** Compares all gradients of one component, thinned values and norms. */
  void compareGradients(String component, Map<String, TraceOutput> outputs, int[][] ids) {
    double largest = 0;
    Map<String, TensorView> norms = new LinkedHashMap<>();
    for (String name : tensors().keySet()) {
      if (name.startsWith(component + ".gradnorm.")) {
        norms.put(name, get(name));
        largest = Math.max(largest, get(name).toDoubles()[0]);
      }
    }
    int compared = 0;
    for (String name : tensors().keySet()) {
      if (name.startsWith(component + ".grad.")) {
        float[] actual = result(outputs, name, ids);
        double[] expected = get(name).toDoubles();
        compare(name, thin(actual, expected.length), expected, GRADIENT, 1e-7 * largest);
        compared++;
      }
    }
    for (Map.Entry<String, TensorView> entry : norms.entrySet()) {
      String name = entry.getKey().replace(".gradnorm.", ".grad.");
      double expected = entry.getValue().toDoubles()[0];
      double difference = Math.abs(norm(result(outputs, name, ids)) - expected);
      if (!(difference <= GRADIENT * expected + 1e-7 * largest)) {
        fail(entry.getKey() + ": " + difference / expected);
      }
      compared++;
    }
    assertTrue(compared > 10, "only " + compared + " gradients compared");
  }

  private static float[] result(Map<String, TraceOutput> outputs, String name, int[][] ids) {
    TraceOutput output = outputs.get(name);
    if (output == null) {
      fail("no result " + name);
    }
    if (!name.endsWith("token_embedding.weight")) {
      return output.values();
    }
    TreeSet<Integer> distinct = new TreeSet<>();
    for (int[] row : ids) {
      for (int id : row) {
        distinct.add(id);
      }
    }
    int width = output.shape().dim(1);
    float[] rows = new float[distinct.size() * width];
    int at = 0;
    for (int id : distinct) {
      System.arraycopy(output.values(), id * width, rows, at, width);
      at += width;
    }
    return rows;
  }

  static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
