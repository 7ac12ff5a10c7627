// Every operator's backward against finite differences of its forward, in double.
package io.lethe.autograd.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.Backend;
import io.lethe.backend.reference.Reference;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The derivative is that of {@code sum(upstream * forward(inputs))}, by central differences of
 * fourth order. Gradients start at 1 and must grow by it, since leaves are added to.
 */
final class OperatorGradientTest {
  private static final double STEP = 1e-3;
  private static final double TOLERANCE = 1e-7;

  private final Backend backend = new Reference();

  static List<OperatorCase> cases() {
    return OperatorCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void backwardIsTheDerivativeOfForward(OperatorCase operator) {
    List<double[]> inputs = operator.inputs();
    double[] upstream = upstream(operator, inputs);
    List<double[]> gradients = gradients(operator, inputs, upstream, -1);
    for (int input = 0; input < inputs.size(); input++) {
      double[] actual = gradients.get(input);
      double[] expected = differences(operator, inputs, input, upstream);
      double scale = Math.sqrt(Arrays.stream(expected).map(d -> d * d).average().orElse(0));
      assertTrue(scale > 1e-3, operator + ": input " + input + " has no derivative to compare");
      for (int i = 0; i < actual.length; i++) {
        double error = Math.abs(actual[i] - 1 - expected[i]);
        assertTrue(
            error <= TOLERANCE * Math.max(scale, Math.abs(expected[i])),
            operator
                + ": input "
                + input
                + "["
                + i
                + "] is "
                + (actual[i] - 1)
                + ", by differences "
                + expected[i]);
      }
    }
  }

  /** With all other inputs frozen, each input gets the very same gradient, and the others none. */
  @ParameterizedTest
  @MethodSource("cases")
  void eachInputAloneHasTheSameGradient(OperatorCase operator) {
    List<double[]> inputs = operator.inputs();
    double[] upstream = upstream(operator, inputs);
    List<double[]> together = gradients(operator, inputs, upstream, -1);
    for (int input = 0; input < inputs.size(); input++) {
      List<double[]> alone = gradients(operator, inputs, upstream, input);
      for (int other = 0; other < inputs.size(); other++) {
        if (other == input) {
          assertArrayEquals(together.get(input), alone.get(input), operator + " input " + input);
        } else {
          assertTrue(Arrays.stream(alone.get(other)).allMatch(value -> value == 1));
        }
      }
    }
  }

  /** What backward has consumed goes at once: no array of the operator is left in the scope. */
  @ParameterizedTest
  @MethodSource("cases")
  void backwardLeavesNothingBehind(OperatorCase operator) {
    try (Scope scope = Scope.root("test", DType.F64)) {
      Tape tape = Tape.recording(backend, scope);
      Value[] leaves = leaves(operator, operator.inputs(), operator.inputs(), -1);
      Value output = operator.forward().apply(tape, leaves);
      assertTrue(output.needsGradient());
      tape.backward(output, scope.zeros("upstream", output.data().shape()));
      assertEquals(0, scope.liveBytes(), operator + ": bytes left after backward");
    }
  }

  /** Nothing is recorded where no input needs a gradient. */
  @ParameterizedTest
  @MethodSource("cases")
  void frozenInputsArePruned(OperatorCase operator) {
    try (Scope scope = Scope.root("test", DType.F64)) {
      Value[] constants = constants(operator, operator.inputs());
      assertFalse(
          operator.forward().apply(Tape.recording(backend, scope), constants).needsGradient());
    }
  }

  @Test
  void everyOperatorOfThePackageHasACase() throws IOException, URISyntaxException {
    Set<String> tested =
        cases().stream()
            .map(each -> each.operator().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    Path compiled =
        Path.of(Linear.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve(Linear.class.getPackageName().replace('.', '/'));
    Set<String> present = new TreeSet<>();
    try (Stream<Path> files = Files.list(compiled)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".class") && isOperation(name.substring(0, name.length() - 6))) {
          present.add(name.substring(0, name.length() - 6));
        }
      }
    }
    assertTrue(present.size() > 15, "found only " + present + " in " + compiled);
    assertEquals(present, tested);
  }

  private static boolean isOperation(String name) {
    try {
      Class<?> found = Class.forName(Linear.class.getPackageName() + "." + name);
      return Operation.class.isAssignableFrom(found);
    } catch (ClassNotFoundException gone) {
      throw new AssertionError(gone);
    }
  }

  private double[] upstream(OperatorCase operator, List<double[]> inputs) {
    try (Scope scope = Scope.root("test", DType.F64)) {
      Value[] constants = constants(operator, inputs);
      Shape out = operator.forward().apply(Tape.noGrad(backend, scope), constants).data().shape();
      return OperatorCase.signal(operator + " upstream", out);
    }
  }

  /** Gradients that start at 1; with {@code only} at -1 of all inputs, else of that one alone. */
  private List<double[]> gradients(
      OperatorCase operator, List<double[]> inputs, double[] upstream, int only) {
    List<double[]> gradients = new ArrayList<>();
    for (double[] input : inputs) {
      double[] ones = new double[input.length];
      Arrays.fill(ones, 1);
      gradients.add(ones);
    }
    try (Scope scope = Scope.root("test", DType.F64)) {
      Tape tape = Tape.recording(backend, scope);
      Value output = operator.forward().apply(tape, leaves(operator, inputs, gradients, only));
      Tensor seed = scope.allocate("upstream", output.data().shape());
      System.arraycopy(upstream, 0, seed.doubles(), 0, upstream.length);
      tape.backward(output, seed);
    }
    return gradients;
  }

  private static Value[] leaves(
      OperatorCase operator, List<double[]> inputs, List<double[]> gradients, int only) {
    Value[] values = constants(operator, inputs);
    for (int i = 0; i < values.length; i++) {
      if (only == -1 || only == i) {
        Shape shape = operator.shapes().get(i);
        values[i] =
            Value.leaf(values[i].data(), Tensor.of("gradient " + i, shape, gradients.get(i)));
      }
    }
    return values;
  }

  private static Value[] constants(OperatorCase operator, List<double[]> inputs) {
    Value[] values = new Value[inputs.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Value.constant(Tensor.of("input " + i, operator.shapes().get(i), inputs.get(i)));
    }
    return values;
  }

  private double[] differences(
      OperatorCase operator, List<double[]> inputs, int input, double[] upstream) {
    double[] variable = inputs.get(input);
    double[] derivative = new double[variable.length];
    for (int i = 0; i < variable.length; i++) {
      double kept = variable[i];
      double[] sums = new double[4];
      double[] steps = {STEP, -STEP, 2 * STEP, -2 * STEP};
      for (int s = 0; s < steps.length; s++) {
        variable[i] = kept + steps[s];
        sums[s] = weightedSum(operator, inputs, upstream);
      }
      variable[i] = kept;
      derivative[i] = (8 * (sums[0] - sums[1]) - (sums[2] - sums[3])) / (12 * STEP);
    }
    return derivative;
  }

  private double weightedSum(OperatorCase operator, List<double[]> inputs, double[] upstream) {
    try (Scope scope = Scope.root("test", DType.F64)) {
      Value[] constants = constants(operator, inputs);
      double[] out =
          operator.forward().apply(Tape.noGrad(backend, scope), constants).data().doubles();
      double sum = 0;
      for (int i = 0; i < upstream.length; i++) {
        sum += upstream[i] * out[i];
      }
      return sum;
    }
  }
}
