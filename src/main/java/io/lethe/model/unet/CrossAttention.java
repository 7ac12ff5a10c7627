// Multi-head attention between pixels, or from pixels to words.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Attention;
import io.lethe.backend.AttentionShape;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;

/**
 * {@code to_out(attention(to_q(x), to_k(context), to_v(context)))}: {@code attn1} has itself as
 * context, {@code attn2} the text embedding. These are the weights that most erasers edit.
 */
final class CrossAttention {
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;
  private final int heads;
  private final int channels;

  CrossAttention(ParameterPath path, int channels, int contextChannels, int heads) {
    this.toQ = Linear.withoutBias(path.child("to_q"), channels, channels);
    this.toK = Linear.withoutBias(path.child("to_k"), contextChannels, channels);
    this.toV = Linear.withoutBias(path.child("to_v"), contextChannels, channels);
    this.toOut = Linear.withBias(path.child("to_out").child(0), channels, channels);
    this.heads = heads;
    this.channels = channels;
  }

  /**
   * {@code x [n, queries, channels]}, {@code context [n, keys, contextChannels]} to {@code [n,
   * queries, channels]}.
   */
  Value forward(Tape tape, Value x, Value context) {
    AttentionShape shape =
        AttentionShape.of(
            x.data().shape().dim(0),
            heads,
            x.data().shape().dim(1),
            context.data().shape().dim(1),
            channels / heads);
    Value attended =
        Attention.apply(
            tape,
            shape,
            toQ.forward(tape, x),
            toK.forward(tape, context),
            toV.forward(tape, context));
    return toOut.forward(tape, attended);
  }
}
