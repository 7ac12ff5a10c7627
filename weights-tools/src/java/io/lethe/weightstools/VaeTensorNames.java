// The tensors that an autoencoder's config.json implies.
package io.lethe.weightstools;

import io.lethe.tensor.Shape;
import io.lethe.weights.ComponentConfig;
import java.util.List;
import java.util.Map;

/** {@code AutoencoderKL} with any number of levels, under the present or the old names. */
public final class VaeTensorNames {
  private static final Map<String, String> OLD =
      Map.of("to_q", "query", "to_k", "key", "to_v", "value", "to_out.0", "proj_attn");

  private VaeTensorNames() {}

  /** Name to shape, in the order of the computation. */
  public static Map<String, Shape> of(ComponentConfig config) {
    TensorList list = new TensorList();
    List<Integer> channels = config.integers("block_out_channels", List.of(64));
    int layers = config.integer("layers_per_block", 1);
    int latent = config.integer("latent_channels", 4);
    boolean attention = config.flag("mid_block_add_attention", true);
    int last = channels.size() - 1;

    list.convolution("encoder.conv_in", channels.get(0), config.integer("in_channels", 3), 3);
    for (int i = 0; i <= last; i++) {
      String block = "encoder.down_blocks." + i;
      int out = channels.get(i);
      for (int j = 0; j < layers; j++) {
        int in = j == 0 ? channels.get(Math.max(i - 1, 0)) : out;
        list.resnet(block + ".resnets." + j, out, in, 0);
      }
      if (i < last) {
        list.convolution(block + ".downsamplers.0.conv", out, out, 3);
      }
    }
    middle(list, "encoder.mid_block", channels.get(last), attention);
    list.norm("encoder.conv_norm_out", channels.get(last));
    list.convolution("encoder.conv_out", 2 * latent, channels.get(last), 3);
    if (config.flag("use_quant_conv", true)) {
      list.convolution("quant_conv", 2 * latent, 2 * latent, 1);
    }
    if (config.flag("use_post_quant_conv", true)) {
      list.convolution("post_quant_conv", latent, latent, 1);
    }
    list.convolution("decoder.conv_in", channels.get(last), latent, 3);
    middle(list, "decoder.mid_block", channels.get(last), attention);
    for (int i = 0; i <= last; i++) {
      String block = "decoder.up_blocks." + i;
      int out = channels.get(last - i);
      for (int j = 0; j <= layers; j++) {
        int in = j == 0 ? channels.get(Math.min(last - i + 1, last)) : out;
        list.resnet(block + ".resnets." + j, out, in, 0);
      }
      if (i < last) {
        list.convolution(block + ".upsamplers.0.conv", out, out, 3);
      }
    }
    list.norm("decoder.conv_norm_out", channels.get(0));
    list.convolution("decoder.conv_out", config.integer("out_channels", 3), channels.get(0), 3);
    return list.shapes();
  }

  /** The name that files of 2022 have for it: attention's query, key, value and proj_attn. */
  public static String old(String name) {
    for (Map.Entry<String, String> spelling : OLD.entrySet()) {
      String present = ".mid_block.attentions.0." + spelling.getKey() + ".";
      if (name.contains(present)) {
        return name.replace(present, ".mid_block.attentions.0." + spelling.getValue() + ".");
      }
    }
    return name;
  }

  private static void middle(TensorList list, String path, int channels, boolean attention) {
    list.resnet(path + ".resnets.0", channels, channels, 0);
    if (attention) {
      list.norm(path + ".attentions.0.group_norm", channels);
      list.linear(path + ".attentions.0.to_q", channels, channels);
      list.linear(path + ".attentions.0.to_k", channels, channels);
      list.linear(path + ".attentions.0.to_v", channels, channels);
      list.linear(path + ".attentions.0.to_out.0", channels, channels);
    }
    list.resnet(path + ".resnets.1", channels, channels, 0);
  }
}
