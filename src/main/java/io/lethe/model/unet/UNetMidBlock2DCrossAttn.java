// The bottom of the UNet: ResNet block, transformer, ResNet block.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.model.ResnetBlock2D;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.ParameterPath;

final class UNetMidBlock2DCrossAttn {
  private final String path;
  private final ResnetBlock2D first;
  private final Transformer2DModel attention;
  private final ResnetBlock2D second;

  UNetMidBlock2DCrossAttn(ParameterPath path, UNetConfig config) {
    this.path = path.toString();
    this.first = resnet(path.child("resnets").child(0), config);
    this.attention =
        Transformer2DModel.of(path.child("attentions").child(0), config, config.levels() - 1);
    this.second = resnet(path.child("resnets").child(1), config);
  }

  private static ResnetBlock2D resnet(ParameterPath path, UNetConfig config) {
    int channels = config.channels(config.levels() - 1);
    return new ResnetBlock2D(
        path, channels, channels, config.timeChannels(), config.normNumGroups(), config.normEps());
  }

  FeatureMap forward(Tape tape, FeatureMap x, Value time, Value context) {
    FeatureMap hidden = first.forward(tape, x, time);
    hidden = attention.forward(tape, hidden, context);
    hidden = second.forward(tape, hidden, time);
    tape.observe(path, hidden.value());
    return hidden;
  }
}
