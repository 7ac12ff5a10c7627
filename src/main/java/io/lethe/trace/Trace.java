// Collects named results, turning activations from channels-last to the checkpoint's order.
package io.lethe.trace;

import io.lethe.autograd.ActivationObserver;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.Backend;
import io.lethe.nn.Parameter;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.weights.TensorView;
import java.util.LinkedHashMap;
import java.util.Map;

/** The memory, the tape and the results of one traced run. */
final class Trace implements AutoCloseable {
  private final String component;
  private final Scope scope;
  private final Tape tape;
  private final Map<String, TraceOutput> outputs = new LinkedHashMap<>();

  /**
   * @param component the prefix of all result names, such as {@code unet}
   */
  Trace(String component, Backend backend, boolean gradients, boolean activations) {
    this.component = component;
    this.scope = Scope.root("trace " + component, backend.computeType());
    Tape plain = gradients ? Tape.recording(backend, scope) : Tape.noGrad(backend, scope);
    this.tape = activations ? plain.observing(observer()) : plain;
  }

  Tape tape() {
    return tape;
  }

  /**
   * An input as a constant, or, when gradients are wanted, as a leaf whose gradient is reported
   * later.
   */
  Value input(String name, Tensor tensor, boolean differentiate) {
    return differentiate
        ? Value.leaf(tensor, scope.zeros(name + ".gradient", tensor.shape()))
        : Value.constant(tensor);
  }

  /** A view's numbers as they lie, in compute memory of another shape. */
  Tensor load(TensorView view, Shape shape) {
    Tensor tensor = scope.allocate(view.name(), shape);
    switch (tensor.buffer()) {
      case Buffer.Floats(float[] array) ->
          System.arraycopy(view.toFloats(), 0, array, 0, array.length);
      case Buffer.Doubles(double[] array) ->
          System.arraycopy(view.toDoubles(), 0, array, 0, array.length);
      case Buffer.Mapped mapped -> throw new IllegalStateException("scopes hold no mapped memory");
    }
    return tensor;
  }

  /** A picture {@code [n, c, h, w]} as {@code [n, h*w, c]}. */
  Tensor loadPicture(TensorView view) {
    Shape in = view.shape();
    int positions = in.dim(2) * in.dim(3);
    Tensor tensor = load(view, Shape.of(in.dim(0), positions, in.dim(1)));
    switch (tensor.buffer()) {
      case Buffer.Floats(float[] array) ->
          transpose(array.clone(), array, in.dim(0), in.dim(1), positions);
      case Buffer.Doubles(double[] array) ->
          transpose(array.clone(), array, in.dim(0), in.dim(1), positions);
      case Buffer.Mapped mapped -> throw new IllegalStateException("scopes hold no mapped memory");
    }
    return tensor;
  }

  private static void transpose(float[] from, float[] to, int n, int rows, int columns) {
    for (int s = 0, base = 0; s < n; s++, base += rows * columns) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          to[base + c * rows + r] = from[base + r * columns + c];
        }
      }
    }
  }

  private static void transpose(double[] from, double[] to, int n, int rows, int columns) {
    for (int s = 0, base = 0; s < n; s++, base += rows * columns) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          to[base + c * rows + r] = from[base + r * columns + c];
        }
      }
    }
  }

  private static float[] floats(Tensor tensor) {
    return switch (tensor.buffer()) {
      case Buffer.Floats(float[] array) -> array.clone();
      case Buffer.Doubles(double[] array) -> {
        float[] rounded = new float[array.length];
        for (int i = 0; i < array.length; i++) {
          rounded[i] = (float) array[i];
        }
        yield rounded;
      }
      case Buffer.Mapped mapped -> throw new IllegalStateException("scopes hold no mapped memory");
    };
  }

  /** Reports a tensor as it is. */
  void put(String name, Tensor tensor) {
    outputs.put(component + "." + name, new TraceOutput(tensor.shape(), floats(tensor)));
  }

  /** Reports {@code [n, h*w, c]} as {@code [n, c, h, w]}. */
  void putPicture(String name, Tensor tensor, int height, int width) {
    Shape in = tensor.shape();
    float[] first = floats(tensor);
    float[] values = new float[first.length];
    transpose(first, values, in.dim(0), in.dim(1), in.dim(2));
    outputs.put(
        component + "." + name,
        new TraceOutput(Shape.of(in.dim(0), in.dim(2), height, width), values));
  }

  private ActivationObserver observer() {
    return (path, value) -> {
      Tensor data = value.data();
      if (data.shape().rank() == 3) {
        // Every level is as square as the sample, so the sides follow from the count of positions.
        int side = (int) Math.round(Math.sqrt(data.shape().dim(1)));
        boolean square = side * side == data.shape().dim(1);
        putPicture("act." + path, data, square ? side : 1, square ? side : data.shape().dim(1));
      } else {
        put("act." + path, data);
      }
    };
  }

  /** Walks back from the loss and reports it and the gradient of every trainable parameter. */
  void backward(Value loss, ParameterStore parameters) {
    loss.retain();
    put("loss", loss.data().reshape(Shape.of()));
    tape.backward(loss);
    for (Parameter parameter : parameters.trainable()) {
      put("grad." + parameter.name(), parameter.gradient());
    }
  }

  Map<String, TraceOutput> outputs() {
    return outputs;
  }

  @Override
  public void close() {
    scope.close();
  }
}
