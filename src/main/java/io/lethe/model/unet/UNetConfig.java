// What unet/config.json says, with diffusers' defaults for what it does not.
package io.lethe.model.unet;

import java.util.List;

/**
 * The configuration of a {@link UNet2DConditionModel}.
 *
 * @param blockOutChannels width of each level
 * @param downAttention whether each level has transformers on the way down
 * @param upAttention whether each up block has transformers; the first is the lowest level
 * @param attentionHeads number of heads at each level. diffusers calls it {@code attention_head_dim} by a historical mistake
 * @param sampleSize side of the latents that the model was trained on
 */
public record UNetConfig(
    int inChannels,
    int outChannels,
    List<Integer> blockOutChannels,
    List<Boolean> downAttention,
    List<Boolean> upAttention,
    int layersPerBlock,
    List<Integer> attentionHeads,
    int crossAttentionDim,
    int normNumGroups,
    double normEps,
    boolean flipSinToCos,
    double freqShift,
    int transformerLayersPerBlock,
    int sampleSize) {

  public int levels() {
    return blockOutChannels.size();
  }

  /** Channels of a level; 0 is the finest. */
  public int channels(int level) {
    return blockOutChannels.get(level);
  }

  /** Width of the time embedding: four times the first level. */
  public int timeChannels() {
    return 4 * channels(0);
  }

  public int heads(int level) {
    return attentionHeads.get(level);
  }

  public boolean downAttention(int level) {
    return downAttention.get(level);
  }

  /** @param index 0 is the lowest level */
  public boolean upAttention(int index) {
    return upAttention.get(index);
  }
}
