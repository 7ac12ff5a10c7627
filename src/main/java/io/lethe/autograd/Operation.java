// What an operator tells the tape.
package io.lethe.autograd;

import io.lethe.tensor.Tensor;

/**
 * One recorded application of an operator. Its file holds, in this order: formula, shapes, what is
 * saved, costs, forward ({@code apply}), backward.
 */
public interface Operation {
  /**
   * Sends the output's gradient to the inputs that need one: {@link Tape#accumulate} for
   * activations, the backend's added gradients for leaves (weights).
   */
  void backward(Tape tape, Tensor outputGradient);

  /** Floating-point operations of the forward pass. */
  long flops();

  /** Bytes that the forward pass must move at least: every operand once. */
  long bytes();
}
