// One level on the way up: skips joined in, ResNet blocks, transformers where the level has them, a
// doubling.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.ConcatChannels;
import io.lethe.model.ResnetBlock2D;
import io.lethe.model.Upsample2D;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.ParameterPath;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code UpBlock2D}, and {@code CrossAttnUpBlock2D} when the level has attention. One layer more
 * than on the way down.
 */
final class UpBlock2D {
  private final String path;
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Transformer2DModel> attentions = new ArrayList<>();
  private final Upsample2D upsampler;

  /**
   * @param index 0 is the lowest level
   */
  UpBlock2D(ParameterPath path, UNetConfig config, int index) {
    this.path = path.toString();
    int level = config.levels() - 1 - index;
    int out = config.channels(level);
    int fromBelow = config.channels(Math.min(level + 1, config.levels() - 1));
    int skipOfLast = config.channels(Math.max(level - 1, 0));
    int layers = config.layersPerBlock() + 1;
    for (int i = 0; i < layers; i++) {
      int hidden = i == 0 ? fromBelow : out;
      int skip = i == layers - 1 ? skipOfLast : out;
      resnets.add(
          new ResnetBlock2D(
              path.child("resnets").child(i),
              hidden + skip,
              out,
              config.timeChannels(),
              config.normNumGroups(),
              config.normEps()));
      if (config.upAttention(index)) {
        attentions.add(Transformer2DModel.of(path.child("attentions").child(i), config, level));
      }
    }
    boolean last = index == config.levels() - 1;
    this.upsampler = last ? null : new Upsample2D(path.child("upsamplers").child(0), out);
  }

  /** Takes its skips from the end of {@code skips}. */
  FeatureMap forward(Tape tape, FeatureMap x, Value time, Value context, List<FeatureMap> skips) {
    FeatureMap hidden = x;
    for (int i = 0; i < resnets.size(); i++) {
      FeatureMap joined =
          hidden.with(ConcatChannels.apply(tape, hidden.value(), skips.removeLast().value()));
      hidden = resnets.get(i).forward(tape, joined, time);
      if (!attentions.isEmpty()) {
        hidden = attentions.get(i).forward(tape, hidden, context);
      }
    }
    if (upsampler != null) {
      hidden = upsampler.forward(tape, hidden);
    }
    tape.observe(path, hidden.value());
    return hidden;
  }
}
