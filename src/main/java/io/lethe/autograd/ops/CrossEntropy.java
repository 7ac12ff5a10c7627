// Softmax cross entropy: the loss that a CLIP is trained by.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code loss = mean over rows of -log softmax(logits[row])[targets[row]]}.
 *
 * <p>Shapes: {@code logits [rows, c]}, {@code targets [rows]}, loss {@code [1]}. Saved: the
 * softmax. Backward: {@code dlogits = (softmax - onehot(target)) / rows}.
 */
public final class CrossEntropy implements Operation {
  private final Value logits;
  private final int[] targets;
  private final Tensor probabilities;

  private CrossEntropy(Value logits, int[] targets, Tensor probabilities) {
    this.logits = logits;
    this.targets = targets;
    this.probabilities = probabilities;
  }

  /** Forward. */
  public static Value apply(Tape tape, Value logits, int[] targets) {
    Shapes.requireRank("CrossEntropy", logits.data(), 2);
    if (targets.length != logits.data().shape().dim(0)) {
      throw new LetheException("CrossEntropy: " + targets.length + " targets for " + logits.data());
    }
    Tensor probabilities = tape.allocate("crossEntropy.softmax", logits.data().shape());
    double loss = tape.backend().crossEntropy(logits.data(), targets, probabilities);
    Tensor result = tape.allocate("crossEntropy", Shape.of(1));
    Scalars.set(result, loss);
    return tape.record(new CrossEntropy(logits, targets.clone(), probabilities), result, logits);
  }

  @Override
  public void backward(Tape tape, Tensor dloss) {
    Tensor dlogits = tape.allocate("crossEntropy.dlogits", logits.data().shape());
    tape.backend().crossEntropyBackward(Scalars.get(dloss), probabilities, targets, dlogits);
    tape.scope().free(probabilities);
    tape.accumulate(logits, dlogits);
  }

  @Override
  public long flops() {
    return 5L * logits.data().shape().elements();
  }

  @Override
  public long bytes() {
    return 2 * Shapes.bytes(logits.data());
  }
}
