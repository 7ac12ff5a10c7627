// The middle of the autoencoder: ResNet block, attention, ResNet block.
package io.lethe.model.vae;

import io.lethe.autograd.Tape;
import io.lethe.model.ResnetBlock2D;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.ParameterPath;

final class UNetMidBlock2D {
  private final ResnetBlock2D first;
  private final VaeAttention attention;
  private final ResnetBlock2D second;

  UNetMidBlock2D(ParameterPath path, VaeConfig config) {
    int channels = config.channels(config.levels() - 1);
    int groups = config.normNumGroups();
    this.first =
        new ResnetBlock2D(
            path.child("resnets").child(0), channels, channels, 0, groups, VaeConfig.EPS);
    this.attention =
        config.midBlockAddAttention()
            ? new VaeAttention(path.child("attentions").child(0), channels, groups, VaeConfig.EPS)
            : null;
    this.second =
        new ResnetBlock2D(
            path.child("resnets").child(1), channels, channels, 0, groups, VaeConfig.EPS);
  }

  FeatureMap forward(Tape tape, FeatureMap x) {
    FeatureMap hidden = first.forward(tape, x, null);
    if (attention != null) {
      hidden = attention.forward(tape, hidden);
    }
    return second.forward(tape, hidden, null);
  }
}
