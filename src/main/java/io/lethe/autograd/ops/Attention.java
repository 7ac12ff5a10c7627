// Multi-head attention without materialised scores.
package io.lethe.autograd.ops;

import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.AttentionShape;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code out = softmax(q k^T * scale [+ causal mask]) v}, each head on its own slice of the
 * innermost axis (Vaswani et al. 2017; online softmax by Dao et al. 2022).
 *
 * <p>Shapes: {@code q [n, queries, heads*d]}, {@code k}, {@code v [n, keys, heads*d]}, {@code out}
 * as q. Saved: q, k, v, out and the log of each row's softmax denominator {@code [n, heads,
 * queries]}; probabilities are computed again in backward: {@code P = exp(S - lse)}, {@code dV =
 * P^T dO}, {@code dS = P * (dO V^T - rowsum(dO * O))}, {@code dQ = scale dS K}, {@code dK = scale
 * dS^T Q}. Cost: {@code 4 n heads queries keys d} operations.
 */
public final class Attention implements Operation {
  private final AttentionShape shape;
  private final Value q;
  private final Value k;
  private final Value v;
  private final Tensor out;
  private final Tensor logSumExp;

  private Attention(AttentionShape shape, Value q, Value k, Value v, Tensor out, Tensor logSumExp) {
    this.shape = shape;
    this.q = q;
    this.k = k;
    this.v = v;
    this.out = out;
    this.logSumExp = logSumExp;
  }

  /** Forward. */
  public static Value apply(Tape tape, AttentionShape shape, Value q, Value k, Value v) {
    Shape queries = Shape.of(shape.n(), shape.queries(), shape.width());
    Shape keys = Shape.of(shape.n(), shape.keys(), shape.width());
    Shapes.require("Attention q", q.data(), queries);
    Shapes.require("Attention k", k.data(), keys);
    Shapes.require("Attention v", v.data(), keys);
    Tensor out = tape.allocate("attention", queries);
    Tensor logSumExp =
        tape.allocate("attention.lse", Shape.of(shape.n(), shape.heads(), shape.queries()));
    tape.backend().attention(shape, q.data(), k.data(), v.data(), out, logSumExp);
    return tape.record(new Attention(shape, q, k, v, out, logSumExp), out, q, k, v);
  }

  @Override
  public void backward(Tape tape, Tensor dout) {
    Tensor dq = gradient(tape, q);
    Tensor dk = gradient(tape, k);
    Tensor dv = gradient(tape, v);
    tape.backend()
        .attentionBackward(shape, dout, q.data(), k.data(), v.data(), out, logSumExp, dq, dk, dv);
    tape.scope().free(logSumExp);
    send(tape, q, dq);
    send(tape, k, dk);
    send(tape, v, dv);
  }

  private static Tensor gradient(Tape tape, Value value) {
    return value.needsGradient() ? tape.allocate("attention.d", value.data().shape()) : null;
  }

  private static void send(Tape tape, Value value, Tensor gradient) {
    if (gradient != null) {
      tape.accumulate(value, gradient);
    }
  }

  @Override
  public long flops() {
    return shape.flops();
  }

  @Override
  public long bytes() {
    return Shapes.bytes(q.data(), k.data(), v.data(), out);
  }
}
