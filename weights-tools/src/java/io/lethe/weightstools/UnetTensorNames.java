// The tensors that a UNet's config.json implies.
package io.lethe.weightstools;

import io.lethe.tensor.Shape;
import io.lethe.weights.ComponentConfig;
import java.util.List;
import java.util.Map;

/** {@code UNet2DConditionModel} of Stable Diffusion 1.x and 2.x, with any number of levels. */
public final class UnetTensorNames {
  private final TensorList list = new TensorList();
  private final List<Integer> channels;
  private final List<Integer> layers;
  private final List<Integer> transformers;
  private final int timeChannels;
  private final int contextChannels;
  private final boolean linearProjection;

  private UnetTensorNames(ComponentConfig config) {
    channels = config.integers("block_out_channels", List.of(320, 640, 1280, 1280));
    layers = config.integersPerLevel("layers_per_block", 2, channels.size());
    transformers = config.integersPerLevel("transformer_layers_per_block", 1, channels.size());
    timeChannels = 4 * channels.getFirst();
    contextChannels = config.integer("cross_attention_dim", 1280);
    linearProjection = config.flag("use_linear_projection", false);
  }

  /** Name to shape, in the order of the computation. */
  public static Map<String, Shape> of(ComponentConfig config) {
    UnetTensorNames names = new UnetTensorNames(config);
    names.listAll(config);
    return names.list.shapes();
  }

  private void listAll(ComponentConfig config) {
    int first = channels.getFirst();
    int last = channels.size() - 1;
    String attention = "CrossAttn";
    list.convolution("conv_in", first, config.integer("in_channels", 4), 3);
    list.linear("time_embedding.linear_1", timeChannels, first);
    list.linear("time_embedding.linear_2", timeChannels, timeChannels);
    List<String> down =
        config.texts(
            "down_block_types",
            List.of(
                "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D",
                "DownBlock2D"));
    for (int i = 0; i <= last; i++) {
      int in = i == 0 ? first : channels.get(i - 1);
      down("down_blocks." + i, i, in, down.get(i).startsWith(attention), i < last);
    }
    int deepest = channels.getLast();
    list.resnet("mid_block.resnets.0", deepest, deepest, timeChannels);
    transformer("mid_block.attentions.0", deepest, transformers.getLast());
    list.resnet("mid_block.resnets.1", deepest, deepest, timeChannels);
    List<String> up =
        config.texts(
            "up_block_types",
            List.of("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"));
    for (int i = 0; i <= last; i++) {
      up("up_blocks." + i, last - i, up.get(i).startsWith(attention));
    }
    list.norm("conv_norm_out", first);
    list.convolution("conv_out", config.integer("out_channels", 4), first, 3);
  }

  private void down(String path, int level, int in, boolean attention, boolean downsample) {
    int out = channels.get(level);
    for (int j = 0; j < layers.get(level); j++) {
      list.resnet(path + ".resnets." + j, out, j == 0 ? in : out, timeChannels);
      if (attention) {
        transformer(path + ".attentions." + j, out, transformers.get(level));
      }
    }
    if (downsample) {
      list.convolution(path + ".downsamplers.0.conv", out, out, 3);
    }
  }

  /**
   * Each resnet reads what comes from below beside the output of its mirror image on the way down.
   */
  private void up(String path, int level, boolean attention) {
    int last = channels.size() - 1;
    int out = channels.get(level);
    int below = channels.get(Math.min(level + 1, last));
    int above = channels.get(Math.max(level - 1, 0));
    int count = layers.get(level) + 1;
    for (int j = 0; j < count; j++) {
      int incoming = j == 0 ? below : out;
      int skip = j == count - 1 ? above : out;
      list.resnet(path + ".resnets." + j, out, incoming + skip, timeChannels);
      if (attention) {
        transformer(path + ".attentions." + j, out, transformers.get(level));
      }
    }
    if (level > 0) {
      list.convolution(path + ".upsamplers.0.conv", out, out, 3);
    }
  }

  private void transformer(String path, int width, int blocks) {
    list.norm(path + ".norm", width);
    projection(path + ".proj_in", width);
    for (int k = 0; k < blocks; k++) {
      String block = path + ".transformer_blocks." + k;
      list.norm(block + ".norm1", width);
      attention(block + ".attn1", width, width);
      list.norm(block + ".norm2", width);
      attention(block + ".attn2", width, contextChannels);
      list.norm(block + ".norm3", width);
      list.linear(block + ".ff.net.0.proj", 8 * width, width);
      list.linear(block + ".ff.net.2", width, 4 * width);
    }
    projection(path + ".proj_out", width);
  }

  private void projection(String path, int width) {
    if (linearProjection) {
      list.linear(path, width, width);
    } else {
      list.convolution(path, width, width, 1);
    }
  }

  private void attention(String path, int width, int context) {
    list.add(path + ".to_q.weight", width, width);
    list.add(path + ".to_k.weight", width, context);
    list.add(path + ".to_v.weight", width, context);
    list.linear(path + ".to_out.0", width, width);
  }
}
