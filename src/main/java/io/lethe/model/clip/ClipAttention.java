// Multi-head self-attention with biases.
package io.lethe.model.clip;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Attention;
import io.lethe.backend.AttentionShape;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;

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
    int n = x.data().shape().dim(0);
    int length = x.data().shape().dim(1);
    int headDim = width / heads;
    AttentionShape shape =
        new AttentionShape(
            n, heads, length, length, headDim, (float) (1 / Math.sqrt(headDim)), causal);
    Value attended =
        Attention.apply(
            tape, shape, qProj.forward(tape, x), kProj.forward(tape, x), vProj.forward(tape, x));
    return outProj.forward(tape, attended);
  }
}
