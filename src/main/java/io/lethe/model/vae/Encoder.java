// From a picture to the mean and log variance of its latent.
package io.lethe.model.vae;

import io.lethe.autograd.Tape;
import io.lethe.model.Downsample2D;
import io.lethe.model.ResnetBlock2D;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.GroupNorm;
import io.lethe.nn.ParameterPath;
import java.util.ArrayList;
import java.util.List;

final class Encoder {
  /** ResNet blocks of one level, then a halving on all levels but the last. */
  private record Level(List<ResnetBlock2D> resnets, Downsample2D downsampler) {}

  private final Conv2d convIn;
  private final List<Level> downBlocks = new ArrayList<>();
  private final UNetMidBlock2D midBlock;
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  Encoder(ParameterPath path, VaeConfig config) {
    this.convIn =
        Conv2d.of(path.child("conv_in"), config.inChannels(), config.channels(0), 3, 1, 1);
    for (int level = 0; level < config.levels(); level++) {
      ParameterPath block = path.child("down_blocks").child(level);
      int in = config.channels(Math.max(level - 1, 0));
      int out = config.channels(level);
      List<ResnetBlock2D> resnets = new ArrayList<>();
      for (int i = 0; i < config.layersPerBlock(); i++) {
        resnets.add(
            new ResnetBlock2D(
                block.child("resnets").child(i),
                i == 0 ? in : out,
                out,
                0,
                config.normNumGroups(),
                VaeConfig.EPS));
      }
      boolean last = level == config.levels() - 1;
      downBlocks.add(
          new Level(
              resnets,
              last ? null : new Downsample2D(block.child("downsamplers").child(0), out, 0)));
    }
    this.midBlock = new UNetMidBlock2D(path.child("mid_block"), config);
    int last = config.channels(config.levels() - 1);
    this.convNormOut =
        new GroupNorm(path.child("conv_norm_out"), config.normNumGroups(), last, VaeConfig.EPS);
    this.convOut = Conv2d.of(path.child("conv_out"), last, 2 * config.latentChannels(), 3, 1, 1);
  }

  /** {@code [n, h*w, 3]} to {@code [n, (h/f)*(w/f), 2*latentChannels]}. */
  FeatureMap forward(Tape tape, FeatureMap picture) {
    FeatureMap hidden = convIn.forward(tape, picture);
    for (Level level : downBlocks) {
      for (ResnetBlock2D resnet : level.resnets()) {
        hidden = resnet.forward(tape, hidden, null);
      }
      if (level.downsampler() != null) {
        hidden = level.downsampler().forward(tape, hidden);
      }
    }
    hidden = midBlock.forward(tape, hidden);
    return convOut.forward(tape, hidden.with(convNormOut.forwardSilu(tape, hidden.value())));
  }
}
