// The softmax of attention itself, for the methods that read where a word looks.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.AttentionShape;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code P = softmax(q k^T * scale [+ causal mask])}.
 *
 * <p>Shapes: {@code q [n, queries, heads*d]}, {@code k [n, keys, heads*d]}, {@code P [n, heads,
 * queries, keys]}. Saved: q, k, P. Backward: {@code dS = P * (dP - rowsum(dP * P))}, {@code dQ =
 * scale dS K}, {@code dK = scale dS^T Q}.
 */
public final class AttentionProbabilities implements Operation {
  private final AttentionShape shape;
  private final Value q;
  private final Value k;
  private final Tensor probabilities;

  private AttentionProbabilities(AttentionShape shape, Value q, Value k, Tensor probabilities) {
    this.shape = shape;
    this.q = q;
    this.k = k;
    this.probabilities = probabilities;
  }

  /** Forward. */
  public static Value apply(Tape tape, AttentionShape shape, Value q, Value k) {
    Shapes.require(
        "AttentionProbabilities q", q.data(), Shape.of(shape.n(), shape.queries(), shape.width()));
    Shapes.require(
        "AttentionProbabilities k", k.data(), Shape.of(shape.n(), shape.keys(), shape.width()));
    Tensor probabilities =
        tape.allocate(
            "attention.probabilities",
            Shape.of(shape.n(), shape.heads(), shape.queries(), shape.keys()));
    tape.backend().attentionProbabilities(shape, q.data(), k.data(), probabilities);
    return tape.record(new AttentionProbabilities(shape, q, k, probabilities), probabilities, q, k);
  }

  @Override
  public void backward(Tape tape, Tensor dprobabilities) {
    Tensor dq = q.needsGradient() ? tape.allocate("attention.dq", q.data().shape()) : null;
    Tensor dk = k.needsGradient() ? tape.allocate("attention.dk", k.data().shape()) : null;
    tape.backend()
        .attentionProbabilitiesBackward(
            shape, dprobabilities, q.data(), k.data(), probabilities, dq, dk);
    if (dq != null) {
      tape.accumulate(q, dq);
    }
    if (dk != null) {
      tape.accumulate(k, dk);
    }
  }

  @Override
  public long flops() {
    return shape.flops() / 2;
  }

  @Override
  public long bytes() {
    return Shapes.bytes(q.data(), k.data(), probabilities);
  }
}
