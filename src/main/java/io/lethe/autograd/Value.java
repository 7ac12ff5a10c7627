// A tensor that takes part in differentiation.
package io.lethe.autograd;

import io.lethe.LetheException;
import io.lethe.tensor.Tensor;

/**
 * A node of the computation: its data, and, where someone upstream wants it, its gradient.
 *
 * <p>Three kinds: a <em>constant</em> (no gradient), a <em>leaf</em> (a parameter or an input whose
 * gradient the caller owns and the operators add to), and the <em>output</em> of a recorded
 * operator.
 */
public final class Value {
  private final Tensor data;
  private final boolean needsGradient;
  private final boolean leaf;
  private Tensor gradient;
  private boolean retained;

  private Value(Tensor data, boolean needsGradient, boolean leaf, Tensor gradient) {
    this.data = data;
    this.needsGradient = needsGradient;
    this.leaf = leaf;
    this.gradient = gradient;
  }

  /** A value that nothing is differentiated by. */
  public static Value constant(Tensor data) {
    return new Value(data, false, false, null);
  }

  /**
   * A parameter or an input to differentiate by.
   *
   * @param gradient of the data's shape, owned by the caller; backward adds to it
   */
  public static Value leaf(Tensor data, Tensor gradient) {
    if (!data.shape().equals(gradient.shape())) {
      throw new LetheException("gradient " + gradient + " does not have the shape of " + data);
    }
    return new Value(data, true, true, gradient);
  }

  static Value output(Tensor data, boolean needsGradient) {
    return new Value(data, needsGradient, false, null);
  }

  public Tensor data() {
    return data;
  }

  /** Whether backward must reach this value. */
  public boolean needsGradient() {
    return needsGradient;
  }

  boolean isLeaf() {
    return leaf;
  }

  /** The gradient so far, or null where none has arrived. */
  public Tensor gradient() {
    return gradient;
  }

  void setGradient(Tensor tensor) {
    gradient = tensor;
  }

  /**
   * Keeps data through backward, which otherwise frees what it has consumed. Returns this value.
   */
  public Value retain() {
    retained = true;
    return this;
  }

  boolean isRetained() {
    return retained;
  }

  /** The only element of a scalar, such as a loss. */
  public double scalar() {
    if (data.size() != 1) {
      throw new LetheException(data + " is not a scalar");
    }
    return switch (data.dtype()) {
      case F32 -> data.floats()[0];
      case F64 -> data.doubles()[0];
      default -> throw new LetheException(data + " is not compute memory");
    };
  }
}
