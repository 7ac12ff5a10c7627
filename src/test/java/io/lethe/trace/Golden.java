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
import java.util.Map;
import java.util.TreeSet;

/**
 * One golden file with the comparisons of golden/README.md: {@code ||a - b|| <= tol * ||b||} over
 * the stored elements.
 */
public final class Golden {
  public static final Path FOLDER = Path.of("src/test/resources/golden");
  public static final double FORWARD = 1e-5;
  public static final double GRADIENT = 1e-4;

  private final SafeTensorsFile file;

  public Golden(String name, Arena arena) {
    this.file = SafeTensorsFile.open(FOLDER.resolve(name), arena);
  }

  public Map<String, TensorView> tensors() {
    return file.tensors();
  }

  public TensorView get(String name) {
    return file.tensor(name);
  }

  /** Weights by the synthetic rule, in memory. */
  static TensorView synthetic(String name, Shape shape) {
    return view(name, shape, SyntheticWeights.weights(name, shape));
  }

  /** The signal of the golden data's rule as an input tensor. */
  public static TensorView signal(String name, long... extents) {
    return view(name, Shape.of(extents), SyntheticWeights.signal(name, extents));
  }

  public static TensorView view(String name, Shape shape, float[] values) {
    return new TensorView(
        name, DType.F32, shape, MemorySegment.ofArray(values), Path.of("synthetic"), 0);
  }

  /** Every k-th element of the flattened tensor, as golden/README.md thins: the first n. */
  public static float[] thin(float[] values, int n) {
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
  public void compare(String name, float[] actual, double tolerance) {
    double[] expected = get(name).toDoubles();
    compare(name, thin(actual, expected.length), expected, tolerance, 0);
  }

  public static void compare(
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
      fail(
          "%s: ||a - b|| = %.3g, ||b|| = %.3g, allowed %.3g"
              .formatted(name, difference, norm, tolerance * norm + slack));
    }
  }

  /** Compares all gradients of one component, thinned values and norms. */
  public void compareGradients(String component, Map<String, TraceOutput> outputs, int[][] ids) {
    double largest = largestGradient(component);
    int compared = 0;
    for (String name : tensors().keySet()) {
      if (name.startsWith(component + ".grad.")) {
        float[] actual = result(outputs, name, ids);
        double[] expected = get(name).toDoubles();
        compare(name, thin(actual, expected.length), expected, GRADIENT, 1e-7 * largest);
        compared++;
      }
    }
    for (String norm : tensors().keySet()) {
      if (norm.startsWith(component + ".gradnorm.")) {
        float[] actual = result(outputs, norm.replace(".gradnorm.", ".grad."), ids);
        double expected = get(norm).toDoubles()[0];
        double difference = Math.abs(norm(actual) - expected);
        if (!(difference <= GRADIENT * expected + 1e-7 * largest)) {
          fail(norm + ": " + difference / expected);
        }
        compared++;
      }
    }
    assertTrue(compared > 10, "only " + compared + " gradients compared");
  }

  /**
   * Compares parameters after some steps: within 1e-4 of the norm of their change, on the stored
   * elements, and that norm itself. Where the gradient is zero by theory (a bias before a softmax),
   * the change is rounding on both sides, and need only be as small.
   *
   * @param before values by name, before the first step
   */
  public void compareSteps(
      String component, Map<String, float[]> before, Map<String, float[]> after) {
    double noise = 1e-7 * largestGradient(component);
    int compared = 0;
    for (String name : tensors().keySet()) {
      if (!name.startsWith(component + ".after3.")) {
        continue;
      }
      String parameter = name.substring(component.length() + ".after3.".length());
      double change = get(component + ".changenorm." + parameter).toDoubles()[0];
      float[] moved = after.get(parameter).clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] -= before.get(parameter)[i];
      }
      if (get(component + ".gradnorm." + parameter).toDoubles()[0] <= noise) {
        assertTrue(norm(moved) <= 10 * change, name + " moved by " + norm(moved));
        continue;
      }
      double[] expected = get(name).toDoubles();
      compare(name, thin(after.get(parameter), expected.length), expected, 0, GRADIENT * change);
      if (!(Math.abs(norm(moved) - change) <= GRADIENT * change)) {
        fail(name + ": moved by " + norm(moved) + ", not " + change);
      }
      compared++;
    }
    assertTrue(compared > 10, "only " + compared + " parameters compared");
  }

  private double largestGradient(String component) {
    double largest = 0;
    for (String name : tensors().keySet()) {
      if (name.startsWith(component + ".gradnorm.")) {
        largest = Math.max(largest, get(name).toDoubles()[0]);
      }
    }
    return largest;
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

  /**
   * The 2-norm as PyTorch's CPU code sums it: eight lanes in float, each in order. Over a million
   * elements that is up to 1e-4 off, and the golden norms are off by as much, so that the exact
   * norm would not agree with them.
   */
  public static double norm(float[] values) {
    float[] lanes = new float[8];
    int whole = values.length / lanes.length * lanes.length;
    for (int i = 0; i < whole; i++) {
      lanes[i % lanes.length] += values[i] * values[i];
    }
    double sum = 0;
    for (float lane : lanes) {
      sum += lane;
    }
    for (int i = whole; i < values.length; i++) {
      sum += (double) values[i] * values[i];
    }
    return Math.sqrt(sum);
  }
}
