// The optimisers' traces agree with PyTorch's, and go on from a saved state to the same bytes.
package io.lethe.nn.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.TensorView;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Twelve steps on a parameter [6, 10] from signals, as golden/README.md says; 1e-6 absolute. */
final class OptimizersGoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/optimizers.safetensors");
  private static final Shape SHAPE = Shape.of(6, 10);
  private static final int STEPS = 12;
  private static final double TOLERANCE = 1e-6;
  private static final double LR = 1e-2;

  /** A golden trace and the optimiser that it is of. */
  enum Trace {
    ADAM(p -> new Adam(Adam.Config.adam(LR), p)),
    ADAM_L2(p -> new Adam(new Adam.Config(LR, 0.9, 0.98, 1e-6, 1e-2, false), p)),
    ADAMW(p -> new Adam(Adam.Config.adamW(LR, 0.1), p)),
    SGD_M(p -> new Sgd(LR, 0.9, p)),
    ADAFACTOR(p -> new Adafactor(LR, p));

    private final Function<List<Parameter>, Optimizer> maker;

    Trace(Function<List<Parameter>, Optimizer> maker) {
      this.maker = maker;
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A trainable parameter that starts at a signal. */
  private static Parameter parameter(String name, Shape shape) {
    float[] start = SyntheticWeights.signal(name, shape.extents());
    ParameterStore store =
        new ParameterStore(
            DType.F32,
            (asked, expected) ->
                new TensorView(
                    asked, DType.F32, shape, MemorySegment.ofArray(start), Path.of("test"), 0));
    store.root().get(name, shape.extents());
    return store.fork(any -> true).trainable().getFirst();
  }

  private static void step(Optimizer optimizer, int step) {
    for (Parameter parameter : optimizer.parameters()) {
      long[] extents = parameter.data().shape().extents();
      float[] gradient = SyntheticWeights.signal("opt.g" + step, extents);
      optimizer.zeroGradients();
      for (int i = 0; i < gradient.length; i++) {
        parameter.gradient().floats()[i] = gradient[i] * (step % 3 == 0 ? 2f : 0.5f);
      }
    }
    optimizer.step();
  }

  @ParameterizedTest
  @EnumSource
  void twelveStepsAgreeWithPyTorch(Trace trace) {
    try (Arena arena = Arena.ofConfined()) {
      double[] expected = SafeTensorsFile.open(GOLDEN, arena).tensor(trace.key()).toDoubles();
      Parameter parameter = parameter("opt.p", SHAPE);
      Optimizer optimizer = trace.maker.apply(List.of(parameter));
      for (int step = 0; step < STEPS; step++) {
        step(optimizer, step);
        float[] values = parameter.data().floats();
        for (int i = 0; i < values.length; i++) {
          double error = Math.abs(values[i] - expected[step * values.length + i]);
          assertTrue(error <= TOLERANCE, trace + " step " + step + " [" + i + "]: " + error);
        }
      }
      assertEquals(STEPS, optimizer.steps());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRestoredOptimiserGoesOnToTheSameBytes(Trace trace) {
    Parameter whole = parameter("opt.p", SHAPE);
    Optimizer uninterrupted = trace.maker.apply(List.of(whole));
    Map<String, float[]> saved = new HashMap<>();
    float[] savedWeights = null;
    for (int step = 0; step < STEPS; step++) {
      if (step == 5) {
        savedWeights = whole.data().floats().clone();
        uninterrupted.state().forEach((name, array) -> saved.put(name, array.clone()));
      }
      step(uninterrupted, step);
    }
    Parameter second = parameter("opt.p", SHAPE);
    Optimizer restored = trace.maker.apply(List.of(second));
    System.arraycopy(savedWeights, 0, second.data().floats(), 0, savedWeights.length);
    assertEquals(saved.keySet(), restored.state().keySet());
    restored
        .state()
        .forEach((name, array) -> System.arraycopy(saved.get(name), 0, array, 0, array.length));
    restored.setSteps(5);
    for (int step = 5; step < STEPS; step++) {
      step(restored, step);
    }
    assertArrayEquals(whole.data().floats(), second.data().floats());
  }

  /** Rank 1 has a full second moment, rank 4 is a stack of matrices: neither mixes its parts. */
  @Test
  void adafactorTreatsAStackOfMatricesOneByOne() {
    Shape stack = Shape.of(2, 3, 5);
    Parameter parameter = parameter("opt.stack", stack);
    float[] before = parameter.data().floats().clone();
    Adafactor optimizer = new Adafactor(LR, List.of(parameter));
    // A gradient in the first matrix alone moves nothing of the second.
    for (int i = 0; i < 15; i++) {
      parameter.gradient().floats()[i] = 1f + i;
    }
    optimizer.step();
    for (int i = 0; i < before.length; i++) {
      assertEquals(i >= 15, before[i] == parameter.data().floats()[i], "element " + i);
    }
  }

  @Test
  void aLearningRateSetLaterIsTheOneThatMoves() {
    Parameter parameter = parameter("opt.p", SHAPE);
    float[] before = parameter.data().floats().clone();
    Adam optimizer = new Adam(Adam.Config.adam(LR), List.of(parameter));
    optimizer.setLearningRate(0);
    step(optimizer, 0);
    assertArrayEquals(before, parameter.data().floats());
    optimizer.zeroGradients();
    for (float value : parameter.gradient().floats()) {
      assertEquals(0f, value);
    }
  }
}
