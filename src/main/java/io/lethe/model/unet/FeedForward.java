// The position-wise network of a transformer block.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Geglu;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;

/** {@code net.2(geglu(net.0.proj(x)))}, four times as wide inside (Shazeer 2020). */
final class FeedForward {
  private final Linear project;
  private final Linear out;

  FeedForward(ParameterPath path, int channels) {
    this.project =
        Linear.withBias(path.child("net").child(0).child("proj"), channels, 8 * channels);
    this.out = Linear.withBias(path.child("net").child(2), 4 * channels, channels);
  }

  Value forward(Tape tape, Value x) {
    return out.forward(tape, Geglu.apply(tape, project.forward(tape, x)));
  }
}
