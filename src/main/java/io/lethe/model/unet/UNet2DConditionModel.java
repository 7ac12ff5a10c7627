// The denoiser: from a noisy latent, a timestep and a text embedding to the noise in it.
package io.lethe.model.unet;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Activate;
import io.lethe.backend.Activation;
import io.lethe.nn.Conv2d;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.GroupNorm;
import io.lethe.nn.ParameterPath;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code eps = unet(z_t, t, context)} (Rombach et al. 2022): {@code conv_in}, down blocks, middle
 * block, up blocks with skip connections, {@code conv_norm_out}, {@code conv_out}.
 */
public final class UNet2DConditionModel {
  private final UNetConfig config;
  private final ParameterStore parameters;
  private final Conv2d convIn;
  private final TimestepEmbedding timeEmbedding;
  private final List<DownBlock2D> downBlocks = new ArrayList<>();
  private final UNetMidBlock2DCrossAttn midBlock;
  private final List<UpBlock2D> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  /** The model of this configuration with the weights of this store. */
  public UNet2DConditionModel(UNetConfig config, ParameterStore parameters) {
    ParameterPath root = parameters.root();
    int first = config.channels(0);
    this.config = config;
    this.parameters = parameters;
    this.convIn = Conv2d.of(root.child("conv_in"), config.inChannels(), first, 3, 1, 1);
    this.timeEmbedding =
        new TimestepEmbedding(
            root.child("time_embedding"),
            first,
            config.timeChannels(),
            config.flipSinToCos(),
            config.freqShift());
    for (int i = 0; i < config.levels(); i++) {
      downBlocks.add(new DownBlock2D(root.child("down_blocks").child(i), config, i));
    }
    this.midBlock = new UNetMidBlock2DCrossAttn(root.child("mid_block"), config);
    for (int i = 0; i < config.levels(); i++) {
      upBlocks.add(new UpBlock2D(root.child("up_blocks").child(i), config, i));
    }
    this.convNormOut =
        new GroupNorm(root.child("conv_norm_out"), config.normNumGroups(), first, config.normEps());
    this.convOut = Conv2d.of(root.child("conv_out"), first, config.outChannels(), 3, 1, 1);
  }

  /**
   * One prediction.
   *
   * @param sample {@code [n, height*width, inChannels]}
   * @param timesteps one a sample, 0 to 999; some samplers ask for fractions
   * @param context {@code [n, tokens, crossAttentionDim]}
   * @return {@code [n, height*width, outChannels]}
   */
  public Value forward(
      Tape tape, Value sample, int height, int width, double[] timesteps, Value context) {
    check(sample, height, width, timesteps, context);
    return tape.block(() -> body(tape, new FeatureMap(sample, height, width), timesteps, context));
  }

  private Value body(Tape tape, FeatureMap sample, double[] timesteps, Value context) {
    Value embedding = tape.observe("time_embedding", timeEmbedding.forward(tape, timesteps));
    Value time = Activate.apply(tape, Activation.SILU, embedding); // [n, timeChannels]
    List<FeatureMap> skips = new ArrayList<>();
    FeatureMap hidden = convIn.forward(tape, sample);
    tape.observe("conv_in", hidden.value());
    skips.add(hidden);
    for (DownBlock2D block : downBlocks) {
      hidden = block.forward(tape, hidden, time, context, skips);
    }
    hidden = midBlock.forward(tape, hidden, time, context);
    for (UpBlock2D block : upBlocks) {
      hidden = block.forward(tape, hidden, time, context, skips);
    }
    Value normed = tape.observe("conv_norm_out", convNormOut.forward(tape, hidden.value()));
    Value activated = Activate.apply(tape, Activation.SILU, normed);
    return convOut.forward(tape, hidden.with(activated)).value();
  }

  private void check(Value sample, int height, int width, double[] timesteps, Value context) {
    int n = sample.data().shape().dim(0);
    Shape expected = Shape.of(n, (long) height * width, config.inChannels());
    if (!sample.data().shape().equals(expected)) {
      throw new LetheException("UNet: sample " + sample.data() + " should be " + expected);
    }
    if (timesteps.length != n
        || context.data().shape().dim(0) != n
        || context.data().shape().dim(2) != config.crossAttentionDim()) {
      throw new LetheException(
          "UNet: "
              + n
              + " samples with "
              + timesteps.length
              + " timesteps and context "
              + context.data());
    }
    int factor = 1 << (config.levels() - 1);
    if (height % factor != 0 || width % factor != 0) {
      throw new UserError(
          "a latent of "
              + height
              + "x"
              + width
              + " cannot be halved "
              + (config.levels() - 1)
              + " times; its sides must be multiples of "
              + factor);
    }
  }

  public UNetConfig config() {
    return config;
  }

  public ParameterStore parameters() {
    return parameters;
  }
}
