// Self-attention, cross-attention, feed-forward, each normalised before and added after.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.nn.LayerNorm;
import io.lethe.nn.ParameterPath;

/** {@code x += attn1(norm1(x)); x += attn2(norm2(x), context); x += ff(norm3(x))}. */
final class BasicTransformerBlock {
  private static final double EPS = 1e-5;

  private final LayerNorm norm1;
  private final CrossAttention attn1;
  private final LayerNorm norm2;
  private final CrossAttention attn2;
  private final LayerNorm norm3;
  private final FeedForward ff;

  BasicTransformerBlock(ParameterPath path, int channels, int contextChannels, int heads) {
    this.norm1 = new LayerNorm(path.child("norm1"), channels, EPS);
    this.attn1 = new CrossAttention(path.child("attn1"), channels, channels, heads);
    this.norm2 = new LayerNorm(path.child("norm2"), channels, EPS);
    this.attn2 = new CrossAttention(path.child("attn2"), channels, contextChannels, heads);
    this.norm3 = new LayerNorm(path.child("norm3"), channels, EPS);
    this.ff = new FeedForward(path.child("ff"), channels);
  }

  /** {@code x [n, positions, channels]}, {@code context [n, tokens, contextChannels]}. */
  Value forward(Tape tape, Value x, Value context) {
    Value pixels = norm1.forward(tape, x);
    Value afterSelf = Add.apply(tape, attn1.forward(tape, pixels, pixels), x);
    Value afterCross =
        Add.apply(tape, attn2.forward(tape, norm2.forward(tape, afterSelf), context), afterSelf);
    return Add.apply(tape, ff.forward(tape, norm3.forward(tape, afterCross)), afterCross);
  }
}
