// Where the noisy latents of training come from.
package io.lethe.erase;

import io.lethe.diffusion.Denoiser;

/** Gives latents at random levels of noise, denoised that far by the student itself. */
public interface LatentSource {
  /**
   * One latent for each word.
   *
   * @param words indices of words, from those that this source was made for
   */
  LatentBatch take(int[] words, Denoiser student);

  /**
   * Called after the student has learnt from a batch, so that a pool can move on with it.
   *
   * @param count how many latents of the batch to advance, the first ones
   */
  void advance(LatentBatch batch, int count, Denoiser student);

  void save(String prefix, TrainingState state);

  void load(String prefix, TrainingState state);
}
