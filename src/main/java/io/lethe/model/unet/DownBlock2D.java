// One level on the way down: ResNet blocks, transformers where the level has them, a halving.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.model.Downsample2D;
import io.lethe.model.ResnetBlock2D;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.ParameterPath;
import java.util.ArrayList;
import java.util.List;

/** {@code DownBlock2D}, and {@code CrossAttnDownBlock2D} when the level has attention. */
final class DownBlock2D {
  private final String path;
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Transformer2DModel> attentions = new ArrayList<>();
  private final Downsample2D downsampler;

  DownBlock2D(ParameterPath path, UNetConfig config, int level) {
    this.path = path.toString();
    int in = config.channels(Math.max(level - 1, 0));
    int out = config.channels(level);
    for (int i = 0; i < config.layersPerBlock(); i++) {
      resnets.add(
          new ResnetBlock2D(
              path.child("resnets").child(i),
              i == 0 ? in : out,
              out,
              config.timeChannels(),
              config.normNumGroups(),
              config.normEps()));
      if (config.downAttention(level)) {
        attentions.add(Transformer2DModel.of(path.child("attentions").child(i), config, level));
      }
    }
    boolean last = level == config.levels() - 1;
    this.downsampler = last ? null : new Downsample2D(path.child("downsamplers").child(0), out, 1);
  }

  /** Every output on the way is appended to {@code skips}, for the way up. */
  FeatureMap forward(Tape tape, FeatureMap x, Value time, Value context, List<FeatureMap> skips) {
    FeatureMap hidden = x;
    for (int i = 0; i < resnets.size(); i++) {
      hidden = resnets.get(i).forward(tape, hidden, time);
      if (!attentions.isEmpty()) {
        hidden = attentions.get(i).forward(tape, hidden, context);
      }
      skips.add(hidden);
    }
    if (downsampler != null) {
      hidden = downsampler.forward(tape, hidden);
      skips.add(hidden);
    }
    tape.observe(path, hidden.value());
    return hidden;
  }
}
