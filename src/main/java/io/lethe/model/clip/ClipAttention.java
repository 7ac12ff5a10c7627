// Multi-head self-attention with biases.
package io.lethe.model.clip;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Attention;
import io.lethe.autograd.ops.DropTokens;
import io.lethe.autograd.ops.PrependToken;
import io.lethe.backend.AttentionShape;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;
import io.lethe.tensor.Shape;

final class ClipAttention {
  private final Linear qProj;
  private final Linear kProj;
  private final Linear vProj;
  private final Linear outProj;
  private final int heads;
  private final int width;
  private final boolean causal;

  /**
   * @param causal text attends to what came before; pictures to everything
   */
  ClipAttention(ParameterPath path, int width, int heads, boolean causal) {
    this.qProj = Linear.withBias(path.child("q_proj"), width, width);
    this.kProj = Linear.withBias(path.child("k_proj"), width, width);
    this.vProj = Linear.withBias(path.child("v_proj"), width, width);
    this.outProj = Linear.withBias(path.child("out_proj"), width, width);
    this.heads = heads;
    this.width = width;
    this.causal = causal;
  }

  /** {@code x [n, t, width]}. */
  Value forward(Tape tape, Value x) {
    Value attended =
        attend(tape, qProj.forward(tape, x), kProj.forward(tape, x), vProj.forward(tape, x));
    return outProj.forward(tape, attended);
  }

  /**
   * {@code x [n, t, width]} after a beginning that all samples share. In the place of the
   * beginning's queries, which are not needed, stand its keys.
   */
  Value forwardAfter(Tape tape, TextPrefix.Layer before, Value x) {
    Value q = PrependToken.apply(tape, before.keys(), qProj.forward(tape, x));
    Value k = PrependToken.apply(tape, before.keys(), kProj.forward(tape, x));
    Value v = PrependToken.apply(tape, before.values(), vProj.forward(tape, x));
    int shared = before.keys().data().shape().rows();
    return outProj.forward(tape, DropTokens.apply(tape, attend(tape, q, k, v), shared));
  }

  /** What tokens after {@code x [1, p, width]} need of it. */
  TextPrefix.Layer prefix(Tape tape, Value x) {
    return new TextPrefix.Layer(rows(kProj.forward(tape, x)), rows(vProj.forward(tape, x)));
  }

  private Value rows(Value one) {
    return Value.constant(one.data().reshape(Shape.of(one.data().shape().rows(), width)));
  }

  private Value attend(Tape tape, Value q, Value k, Value v) {
    int n = q.data().shape().dim(0);
    int length = q.data().shape().dim(1);
    int headDim = width / heads;
    AttentionShape shape =
        new AttentionShape(
            n, heads, length, length, headDim, (float) (1 / Math.sqrt(headDim)), causal);
    return Attention.apply(tape, shape, q, k, v);
  }
}
