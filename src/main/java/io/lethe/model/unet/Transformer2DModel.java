// A transformer over the pixels of one level, told about the text.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Add;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.GroupNorm;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code x + proj_out(blocks(proj_in(norm(x))))}. proj_in and proj_out are 1x1 convolutions in SD
 * 1.x and linear layers in SD 2.x ({@code use_linear_projection}); channels-last, both are the same
 * product.
 */
final class Transformer2DModel {
  private static final double EPS = 1e-6;

  private final String path;
  private final GroupNorm norm;
  private final Linear projIn;
  private final List<BasicTransformerBlock> transformerBlocks = new ArrayList<>();
  private final Linear projOut;

  private Transformer2DModel(
      ParameterPath path, int channels, int contextChannels, int heads, int depth, int groups) {
    this.path = path.toString();
    this.norm = new GroupNorm(path.child("norm"), groups, channels, EPS);
    this.projIn = Linear.withBias(path.child("proj_in"), channels, channels);
    for (int i = 0; i < depth; i++) {
      transformerBlocks.add(
          new BasicTransformerBlock(
              path.child("transformer_blocks").child(i), channels, contextChannels, heads));
    }
    this.projOut = Linear.withBias(path.child("proj_out"), channels, channels);
  }

  /** The transformer of one level of a UNet. */
  static Transformer2DModel of(ParameterPath path, UNetConfig config, int level) {
    return new Transformer2DModel(
        path,
        config.channels(level),
        config.crossAttentionDim(),
        config.heads(level),
        config.transformerLayers(level),
        config.normNumGroups());
  }

  FeatureMap forward(Tape tape, FeatureMap x, Value context) {
    Value result = tape.block(() -> body(tape, x, context)); // [n, h*w, channels]
    return x.with(tape.observe(path, result));
  }

  private Value body(Tape tape, FeatureMap x, Value context) {
    Value hidden = projIn.forward(tape, norm.forward(tape, x.value()));
    for (BasicTransformerBlock block : transformerBlocks) {
      Value input = hidden;
      hidden = tape.block(() -> block.forward(tape, input, context));
    }
    return Add.apply(tape, projOut.forward(tape, hidden), x.value());
  }
}
