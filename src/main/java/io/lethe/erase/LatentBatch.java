// Latents to train on, each with its timestep and the word it was drawn under.
package io.lethe.erase;

/**
 * A batch.
 *
 * @param latents {@code [n, h*w, c]}
 * @param timesteps one a sample
 * @param words the index of the word under which each sample is being denoised
 * @param slots where each sample stands in its pool, or -1
 */
public record LatentBatch(float[] latents, double[] timesteps, int[] words, int[] slots) {
  public int size() {
    return timesteps.length;
  }
}
