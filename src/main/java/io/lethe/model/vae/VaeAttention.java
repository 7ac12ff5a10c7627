// Single-head self-attention over the pixels in the middle of the autoencoder.
package io.lethe.model.vae;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.Attention;
import io.lethe.backend.AttentionShape;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.GroupNorm;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;

/**
 * {@code x + to_out(attention(to_q, to_k, to_v of group_norm(x)))}, one head as wide as the
 * channels.
 */
final class VaeAttention {
  private final GroupNorm groupNorm;
  private final Linear toQ;
  private final Linear toK;
  private final Linear toV;
  private final Linear toOut;
  private final int channels;

  VaeAttention(ParameterPath path, int channels, int groups, double eps) {
    this.groupNorm = new GroupNorm(path.child("group_norm"), groups, channels, eps);
    this.toQ = Linear.withBias(path.child("to_q"), channels, channels);
    this.toK = Linear.withBias(path.child("to_k"), channels, channels);
    this.toV = Linear.withBias(path.child("to_v"), channels, channels);
    this.toOut = Linear.withBias(path.child("to_out").child(0), channels, channels);
    this.channels = channels;
  }

  FeatureMap forward(Tape tape, FeatureMap x) {
    return x.with(tape.block(() -> body(tape, x)));
  }

  private Value body(Tape tape, FeatureMap x) {
    int positions = x.height() * x.width();
    Value normed = groupNorm.forward(tape, x.value());
    Value attended =
        Attention.apply(
            tape,
            AttentionShape.of(x.samples(), 1, positions, positions, channels),
            toQ.forward(tape, normed),
            toK.forward(tape, normed),
            toV.forward(tape, normed));
    return Add.apply(tape, toOut.forward(tape, attended), x.value());
  }
}
