// The tape: what it sums, what it prunes, what it frees, and what it refuses.
package io.lethe.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.autograd.ops.Activate;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.Linear;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.autograd.ops.Scale;
import io.lethe.backend.Activation;
import io.lethe.backend.Backend;
import io.lethe.backend.reference.Reference;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TapeTest {
  private static final int DOUBLE = 8;

  private final Backend backend = new Reference();
  private Scope scope;
  private Tape tape;

  @BeforeEach
  void open() {
    scope = Scope.root("test", DType.F64);
    tape = Tape.recording(backend, scope);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor tensor(String name, long... extents) {
    float[] signal = SyntheticWeights.signal(name, extents);
    double[] values = new double[signal.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = signal[i];
    }
    return Tensor.of(name, Shape.of(extents), values);
  }

  private static Value leaf(String name, long... extents) {
    Tensor data = tensor(name, extents);
    return Value.leaf(data, Tensor.of(name + ".gradient", data.shape(), new double[data.size()]));
  }

  @Test
  void gradientsAreSummedWhereAValueFansOut() {
    Value x = Value.leaf(ones("x", 3), zeros("dx", 3));
    // y is used three times, twice by one operator: 3y + (y + y), y = 2x
    Value y = Scale.apply(tape, 2, x);
    Value sum = Add.apply(tape, Scale.apply(tape, 3, y), Add.apply(tape, y, y));
    tape.backward(sum, copyOf(1, 10, 100));
    assertArrayEquals(new double[] {10, 100, 1000}, x.gradient().doubles());
  }

  @Test
  void aLeafUsedTwiceGetsBothShares() {
    Value weight = leaf("w", 3, 3);
    Value x = Value.constant(tensor("x", 2, 3));
    tape.backward(mean(Linear.apply(tape, Linear.apply(tape, x, weight, null), weight, null)));
    double[] both = weight.gradient().doubles();

    Value first = leaf("w", 3, 3);
    Value second = leaf("w", 3, 3);
    tape.backward(mean(Linear.apply(tape, Linear.apply(tape, x, first, null), second, null)));
    for (int i = 0; i < both.length; i++) {
      double expected = first.gradient().doubles()[i] + second.gradient().doubles()[i];
      assertEquals(expected, both[i], 1e-12);
    }
  }

  @Test
  void anotherBackwardDoublesTheGradientsOfParameters() {
    Value weight = leaf("w", 5, 3);
    Value bias = leaf("b", 5);
    tape.backward(mean(layer(weight, bias)));
    double[] once = weight.gradient().doubles().clone();
    double[] onceBias = bias.gradient().doubles().clone();
    tape.backward(mean(layer(weight, bias)));
    for (int i = 0; i < once.length; i++) {
      assertEquals(2 * once[i], weight.gradient().doubles()[i], 1e-12);
    }
    for (int i = 0; i < onceBias.length; i++) {
      assertEquals(2 * onceBias[i], bias.gradient().doubles()[i], 1e-12);
    }
  }

  private Value layer(Value weight, Value bias) {
    Value x = Value.constant(tensor("x", 2, 3));
    return Activate.apply(tape, Activation.SILU, Linear.apply(tape, x, weight, bias));
  }

  private Value mean(Value x) {
    return MeanSquaredError.apply(tape, x, tensor("target", x.data().shape().extents()), null);
  }

  /** Calls of a backend by name, to see which gradients are computed at all. */
  private static Backend counting(Backend counted, List<String> calls) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              calls.add(method.getName());
              try {
                return method.invoke(counted, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }

  @Test
  void whatNobodyNeedsIsNotComputed() {
    List<String> calls = new ArrayList<>();
    tape = Tape.recording(counting(backend, calls), scope);
    Value frozen = Value.constant(tensor("w0", 3, 3));
    Value trained = leaf("w1", 3, 3);
    Value x = Value.constant(tensor("x", 2, 3));
    Value below = Activate.apply(tape, Activation.GELU, Linear.apply(tape, x, frozen, null));
    Value middle = Linear.apply(tape, below, trained, null);
    Value above = Linear.apply(tape, middle, frozen, null);
    assertFalse(below.needsGradient());
    assertTrue(middle.needsGradient());
    calls.clear();
    tape.backward(above, scope.zeros("upstream", above.data().shape()));
    // One input gradient above the trained layer, its weight gradient, nothing below it.
    assertEquals(2, Collections.frequency(calls, "gemm"), calls.toString());
    assertFalse(calls.contains("activationBackward"), calls.toString());
    assertTrue(frozen.gradient() == null && below.gradient() == null);
  }

  @Test
  void aBranchThatDoesNotLeadToTheLossIsPassedBy() {
    Value weight = leaf("w", 3, 3);
    Value x = Value.constant(tensor("x", 2, 3));
    Value used = Linear.apply(tape, x, weight, null);
    Value unused = Scale.apply(tape, 5, used);
    Value loss = mean(used);
    tape.backward(loss);
    assertNull(unused.gradient());
    assertEquals(0, scope.liveBytes(), "the unused branch is freed too");
  }

  @Test
  void backwardFreesWhatItConsumes() {
    Value weight = leaf("w", 5, 3);
    Value loss = mean(layer(weight, leaf("b", 5)));
    assertEquals((2 * 2 * 5 + 1) * DOUBLE, scope.liveBytes(), "two layers and the loss");
    tape.backward(loss);
    assertEquals(0, scope.liveBytes());
    String message = assertThrows(LetheException.class, () -> loss.data().doubles()).getMessage();
    assertTrue(message.contains("'meanSquaredError'"), message);
  }

  @Test
  void theMemoryOfADeepChainDoesNotGrowInBackward() {
    Value x = leaf("x", 1, 64);
    Value y = x;
    for (int i = 0; i < 20; i++) {
      y = Scale.apply(tape, 1.1, y);
    }
    long afterForward = scope.peakBytes();
    tape.backward(y, scope.zeros("upstream", y.data().shape()));
    // At once: the chain, the gradient that comes and the one that goes.
    assertTrue(scope.peakBytes() <= afterForward + 2 * 64 * DOUBLE, "" + scope.peakBytes());
    assertEquals(0, scope.liveBytes());
  }

  @Test
  void aRetainedValueOutlivesBackward() {
    Value hidden = Scale.apply(tape, 3, leaf("x", 5)).retain();
    Value loss = mean(hidden).retain();
    double value = loss.scalar();
    tape.backward(loss);
    assertEquals(value, loss.scalar());
    assertEquals(5, hidden.data().doubles().length);
    assertEquals((5 + 1) * DOUBLE, scope.liveBytes());
  }

  @Test
  void aBlockWithoutRecordingKeepsItsResultAlone() {
    Tape plain = Tape.noGrad(backend, scope);
    Value x = Value.constant(tensor("x", 4, 5));
    Value[] inside = new Value[1];
    Value result =
        plain.block(() -> {
          inside[0] = Scale.apply(plain, 2, x);
          Value nested = plain.block(() -> Add.apply(plain, inside[0], x));
          assertEquals(2 * 20 * DOUBLE, scope.liveBytes());
          return Activate.apply(plain, Activation.SILU, nested);
        });
    assertEquals(20 * DOUBLE, scope.liveBytes());
    assertEquals(20, result.data().doubles().length);
    String message =
        assertThrows(LetheException.class, () -> inside[0].data().doubles()).getMessage();
    assertTrue(message.contains("'scale'") && message.contains("closed"), message);
    assertSame(x, plain.block(() -> x), "what a block did not make it does not touch");
  }

  @Test
  void aBlockThatFailsFreesItsMemory() {
    Tape plain = Tape.noGrad(backend, scope);
    Value x = Value.constant(tensor("x", 4, 5));
    assertThrows(
        IllegalStateException.class,
        () ->
            plain.block(() -> {
              Scale.apply(plain, 2, x);
              throw new IllegalStateException("in the middle");
            }));
    assertEquals(0, scope.liveBytes());
    assertEquals(20, Scale.apply(plain, 2, x).data().doubles().length);
  }

  @Test
  void aRecordedBlockIsAsIfItWereNotThere() {
    Value x = leaf("x", 5);
    tape.backward(mean(tape.block(() -> Scale.apply(tape, 3, x))));
    double[] inBlock = x.gradient().doubles().clone();
    Value again = leaf("x", 5);
    tape.backward(mean(Scale.apply(tape, 3, again)));
    assertArrayEquals(again.gradient().doubles(), inBlock);
  }

  @Test
  void aValueUsedAfterItsScopeNamesTheTensor() {
    Value late;
    try (Scope step = scope.child("step")) {
      late = Scale.apply(Tape.noGrad(backend, step), 2, leaf("x", 5));
    }
    String message =
        assertThrows(LetheException.class, () -> Scale.apply(tape, 2, late)).getMessage();
    assertTrue(message.contains("'scale'") && message.contains("closed"), message);
  }

  @Test
  void backwardRefusesWhatHasNoGradient() {
    Value x = leaf("x", 5);
    Value frozen = Scale.apply(tape, 2, Value.constant(tensor("x", 1)));
    assertRefused("scalar", () -> tape.backward(Scale.apply(tape, 2, x)));
    assertRefused("nothing that needs a gradient", () -> tape.backward(frozen));
    Tape plain = Tape.noGrad(backend, scope);
    Value output = Scale.apply(plain, 2, leaf("y", 1));
    assertFalse(output.needsGradient(), "nothing is recorded without gradients");
    assertRefused("does not record", () -> plain.backward(output));
    assertRefused("shape", () -> Value.leaf(tensor("x", 5), zeros("dx", 4)));
    assertRefused("elements", () -> tape.backward(Scale.apply(tape, 2, x), zeros("upstream", 4)));
    assertRefused("not a scalar", () -> Scale.apply(tape, 2, x).scalar());
  }

  @Test
  void backendAndScopeMustComputeInOneType() {
    try (Scope floats = Scope.root("floats", DType.F32)) {
      assertRefused("F64", () -> Tape.recording(backend, floats));
    }
  }

  private static void assertRefused(String part, Runnable call) {
    String message = assertThrows(LetheException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void anObserverSeesWhatIsNamedAndChangesNothing() {
    List<String> seen = new ArrayList<>();
    Tape watched = tape.observing((path, value) -> seen.add(path + " " + value.data().shape()));
    Value x = Value.constant(tensor("x", 1, 3));
    assertSame(x, watched.observe("mid_block", x));
    assertSame(x, tape.observe("elsewhere", x));
    assertEquals(List.of("mid_block [1, 3]"), seen);
  }

  private static Tensor ones(String name, int count) {
    Tensor tensor = zeros(name, count);
    Arrays.fill(tensor.doubles(), 1);
    return tensor;
  }

  private static Tensor zeros(String name, int count) {
    return Tensor.of(name, Shape.of(count), new double[count]);
  }

  /** A seed for backward in the scope's own memory. */
  private Tensor copyOf(double... values) {
    Tensor seed = scope.allocate("upstream", Shape.of(values.length));
    System.arraycopy(values, 0, seed.doubles(), 0, values.length);
    return seed;
  }
}
