// A weight by its checkpoint name, frozen in its file or trainable in memory.
package io.lethe.nn;

import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * One tensor of a checkpoint.
 *
 * <p>A frozen parameter of rank 2 or more stays mapped in its file; smaller ones, and everything
 * trainable, are compute memory. A trainable parameter owns its gradient, to which backward adds.
 */
public final class Parameter {
  private final String name;
  private final Value value;

  private Parameter(String name, Value value) {
    this.name = name;
    this.value = value;
  }

  static Parameter frozen(String name, Tensor data) {
    return new Parameter(name, Value.constant(data));
  }

  static Parameter trainable(String name, Tensor data, Tensor gradient) {
    return new Parameter(name, Value.leaf(data, gradient));
  }

  /**
   * A trainable one that stands in no checkpoint, such as the embedding of a word that is being
   * learned; its gradient is zero.
   *
   * @param initial not copied: training moves it
   */
  public static Parameter learned(String name, Shape shape, float[] initial) {
    return trainable(
        name, Tensor.of(name, shape, initial), Tensor.of(name, shape, new float[shape.size()]));
  }

  /** The canonical checkpoint name, such as {@code mid_block.attentions.0.proj_in.weight}. */
  public String name() {
    return name;
  }

  /** The node to compute with. */
  public Value value() {
    return value;
  }

  public Tensor data() {
    return value.data();
  }

  /** The gradient, or null for a frozen parameter. */
  public Tensor gradient() {
    return value.gradient();
  }

  public boolean isTrainable() {
    return value.needsGradient();
  }

  @Override
  public String toString() {
    return (isTrainable() ? "trainable " : "frozen ") + data();
  }
}
