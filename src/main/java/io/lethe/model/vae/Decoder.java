// From a latent back to a picture.
package io.lethe.model.vae;

import io.lethe.autograd.Tape;
import io.lethe.model.ResnetBlock2D;
import io.lethe.model.Upsample2D;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.GroupNorm;
import io.lethe.nn.ParameterPath;
import java.util.ArrayList;
import java.util.List;

final class Decoder {
  /**
   * ResNet blocks of one level, one more than in the encoder, then a doubling on all levels but the
   * last.
   */
  private record Level(List<ResnetBlock2D> resnets, Upsample2D upsampler) {}

  private final Conv2d convIn;
  private final UNetMidBlock2D midBlock;
  private final List<Level> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  Decoder(ParameterPath path, VaeConfig config) {
    int lowest = config.channels(config.levels() - 1);
    this.convIn = Conv2d.of(path.child("conv_in"), config.latentChannels(), lowest, 3, 1, 1);
    this.midBlock = new UNetMidBlock2D(path.child("mid_block"), config);
    for (int index = 0; index < config.levels(); index++) {
      ParameterPath block = path.child("up_blocks").child(index);
      int level = config.levels() - 1 - index;
      int in = config.channels(Math.min(level + 1, config.levels() - 1));
      int out = config.channels(level);
      List<ResnetBlock2D> resnets = new ArrayList<>();
      for (int i = 0; i <= config.layersPerBlock(); i++) {
        resnets.add(
            new ResnetBlock2D(
                block.child("resnets").child(i),
                i == 0 ? in : out,
                out,
                0,
                config.normNumGroups(),
                VaeConfig.EPS));
      }
      boolean last = index == config.levels() - 1;
      upBlocks.add(
          new Level(
              resnets, last ? null : new Upsample2D(block.child("upsamplers").child(0), out)));
    }
    int first = config.channels(0);
    this.convNormOut =
        new GroupNorm(path.child("conv_norm_out"), config.normNumGroups(), first, VaeConfig.EPS);
    this.convOut = Conv2d.of(path.child("conv_out"), first, config.outChannels(), 3, 1, 1);
  }

  /** {@code [n, (h/f)*(w/f), latentChannels]} to {@code [n, h*w, 3]}. */
  FeatureMap forward(Tape tape, FeatureMap latent) {
    FeatureMap hidden = midBlock.forward(tape, convIn.forward(tape, latent));
    for (Level level : upBlocks) {
      for (ResnetBlock2D resnet : level.resnets()) {
        hidden = resnet.forward(tape, hidden, null);
      }
      if (level.upsampler() != null) {
        hidden = level.upsampler().forward(tape, hidden);
      }
    }
    FeatureMap last = hidden;
    return last.with(
        tape.block(() ->
            convOut.forward(tape, last.with(convNormOut.forwardSilu(tape, last.value()))).value()));
  }
}
