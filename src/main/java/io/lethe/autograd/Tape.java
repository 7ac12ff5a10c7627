// Reverse-mode differentiation: forward appends operators, backward walks them in reverse.
package io.lethe.autograd;

import io.lethe.LetheException;
import io.lethe.backend.Backend;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A recording of one forward pass.
 *
 * <p>The tape prunes: an operator none of whose inputs needs a gradient is not recorded, so frozen
 * layers below the first trainable one cost nothing in backward. What backward has consumed is
 * freed at once. All memory belongs to the scope that the tape is given.
 */
public final class Tape {
  private record Node(Operation operation, Value output) {}

  private final Backend backend;
  private final boolean recording;
  private final ActivationObserver observer;
  private final List<Node> nodes = new ArrayList<>();
  private Scope scope;

  private Tape(Backend backend, Scope scope, boolean recording, ActivationObserver observer) {
    if (backend.computeType() != scope.dtype()) {
      throw new LetheException(
          "backend "
              + backend.name()
              + " computes in "
              + backend.computeType()
              + ", the scope in "
              + scope.dtype());
    }
    this.backend = backend;
    this.scope = scope;
    this.recording = recording;
    this.observer = observer;
  }

  /** A tape that records for {@link #backward}. */
  public static Tape recording(Backend backend, Scope scope) {
    return new Tape(backend, scope, true, null);
  }

  /** A tape that only computes: nothing is kept for backward. */
  public static Tape noGrad(Backend backend, Scope scope) {
    return new Tape(backend, scope, false, null);
  }

  /** This tape with every named activation shown to an observer. */
  public Tape observing(ActivationObserver activationObserver) {
    return new Tape(backend, scope, recording, activationObserver);
  }

  public Backend backend() {
    return backend;
  }

  public boolean isRecording() {
    return recording;
  }

  public Scope scope() {
    return scope;
  }

  /** Memory for an output, undefined until written. */
  public Tensor allocate(String name, Shape shape) {
    return scope.allocate(name, shape);
  }

  /** Memory of zeros. */
  public Tensor zeros(String name, Shape shape) {
    return scope.zeros(name, shape);
  }

  /**
   * Ends the forward of an operator: keeps it for backward if one of its inputs needs a gradient.
   */
  public Value record(Operation operation, Tensor output, Value... inputs) {
    boolean needed = recording && anyNeedsGradient(inputs);
    Value value = Value.output(output, needed);
    if (needed) {
      nodes.add(new Node(operation, value));
    }
    return value;
  }

  private static boolean anyNeedsGradient(Value... inputs) {
    for (Value input : inputs) {
      if (input != null && input.needsGradient()) {
        return true;
      }
    }
    return false;
  }

  /** Shows a block's output to the observer, if there is one. Returns the value. */
  public Value observe(String path, Value output) {
    if (observer != null) {
      observer.observe(path, output);
    }
    return output;
  }

  /**
   * Runs one block of a model. Without recording, everything the block made but its result is freed
   * at its end, so that inference needs the memory of one block and not of the model.
   */
  public Value block(Supplier<Value> body) {
    if (recording) {
      return body.get();
    }
    Scope outer = scope;
    try (Scope inner = outer.child("block")) {
      scope = inner;
      Value result = body.get();
      if (inner.owns(result.data())) {
        inner.promote(result.data());
      }
      return result;
    } finally {
      scope = outer;
    }
  }

  /**
   * Adds to the gradient of an activation. The tape takes over {@code contribution}, or frees it.
   */
  public void accumulate(Value value, Tensor contribution) {
    if (value.gradient() == null) {
      value.setGradient(contribution);
    } else {
      backend.axpy(1, contribution, value.gradient());
      scope.free(contribution);
    }
  }

  /**
   * Walks back from a scalar loss. Afterwards every leaf holds its gradient, and the tape is empty.
   */
  public void backward(Value loss) {
    if (loss.data().size() != 1) {
      throw new LetheException("backward starts at a scalar, not at " + loss.data());
    }
    Tensor one = allocate("one", loss.data().shape());
    switch (one.buffer()) {
      case Buffer.Floats(float[] array) -> Arrays.fill(array, 1f);
      case Buffer.Doubles(double[] array) -> Arrays.fill(array, 1d);
      case Buffer.Mapped mapped -> throw new IllegalStateException("mapped gradient");
    }
    backward(loss, one);
  }

  /** Walks back from any value with a given gradient, which the tape takes over. */
  public void backward(Value output, Tensor seed) {
    if (!recording) {
      throw new LetheException("backward on a tape that does not record");
    }
    if (!output.needsGradient()) {
      throw new LetheException("nothing that needs a gradient leads to " + output.data());
    }
    accumulate(output, seed);
    while (!nodes.isEmpty()) {
      Node node = nodes.removeLast();
      Value value = node.output();
      Tensor gradient = value.gradient();
      if (gradient != null) {
        node.operation().backward(this, gradient);
        scope.free(gradient);
        value.setGradient(null);
      }
      // Consumers of this value came later on the tape, so nobody reads it any more.
      if (!value.isRetained() && scope.owns(value.data())) {
        scope.free(value.data());
      }
    }
  }
}
