// Two normalised convolutions around a residual, with the time embedding between them.
package io.lethe.model;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.autograd.ops.AddPerSample;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.GroupNorm;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;

/**
 * {@code y = shortcut(x) + conv2(silu(norm2(conv1(silu(norm1(x))) + time_emb_proj(silu(t)))))} (He
 * et al. 2016; Ho et al. 2020). The VAE's blocks have no time embedding.
 */
public final class ResnetBlock2D {
  private final String path;
  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final Linear timeEmbProj;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final Linear convShortcut;

  /**
   * @param timeChannels width of the time embedding, or 0 for a block without one
   */
  public ResnetBlock2D(
      ParameterPath path, int in, int out, int timeChannels, int groups, double eps) {
    this.path = path.toString();
    this.norm1 = new GroupNorm(path.child("norm1"), groups, in, eps);
    this.conv1 = Conv2d.of(path.child("conv1"), in, out, 3, 1, 1);
    this.timeEmbProj =
        timeChannels == 0 ? null : Linear.withBias(path.child("time_emb_proj"), timeChannels, out);
    this.norm2 = new GroupNorm(path.child("norm2"), groups, out, eps);
    this.conv2 = Conv2d.of(path.child("conv2"), out, out, 3, 1, 1);
    this.convShortcut = in == out ? null : Linear.withBias(path.child("conv_shortcut"), in, out);
  }

  /**
   * @param time {@code silu(time embedding) [n, timeChannels]}, or null in a block without one
   */
  public FeatureMap forward(Tape tape, FeatureMap x, Value time) {
    Value result = tape.block(() -> body(tape, x, time)); // [n, h*w, out]
    return x.with(tape.observe(path, result));
  }

  private Value body(Tape tape, FeatureMap x, Value time) {
    Value hidden = conv1.forward(tape, x.with(norm1.forwardSilu(tape, x.value()))).value();
    if (timeEmbProj != null) {
      hidden = AddPerSample.apply(tape, hidden, timeEmbProj.forward(tape, time));
    }
    hidden = conv2.forward(tape, x.with(norm2.forwardSilu(tape, hidden))).value();
    Value shortcut = convShortcut == null ? x.value() : convShortcut.forward(tape, x.value());
    return Add.apply(tape, shortcut, hidden);
  }
}
