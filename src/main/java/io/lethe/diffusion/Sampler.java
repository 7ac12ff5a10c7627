// One step of denoising after another.
package io.lethe.diffusion;

/**
 * Walks a latent from noise to a clean sample, along a grid of timesteps.
 *
 * <p>A run is: noise times {@link #initialNoiseSigma}; then for every step from 0 on the model's
 * output for {@link #scaleInput} at {@code timesteps()[step]}, given to {@link #step}. Latents are
 * plain arrays in any layout, as every element is treated alike; a batch is one array. A run may
 * begin at a later step, with the latent at that step's noise.
 *
 * <p>The defaults are those of a sampler that scales nothing and remembers nothing.
 */
public interface Sampler {
  /**
   * The timestep of every step, from much noise to little: one model evaluation each. PNDM visits
   * some twice; where the grid is of noise levels they may be fractional.
   */
  double[] timesteps();

  /** What unit noise is multiplied with to start at step 0. */
  default double initialNoiseSigma() {
    return 1;
  }

  /** The latent as the model takes it; the given array itself where nothing is to be scaled. */
  default float[] scaleInput(float[] latent, int step) {
    return latent;
  }

  /**
   * Takes the latent, in place, from this step's noise to the next one's.
   *
   * @param modelOutput of the scaled latent; left as it is
   * @param step from 0
   * @param noise asked by DDPM and Euler ancestral only, once a step
   * @throws io.lethe.LetheException if there is no such step or the sizes differ
   */
  void step(float[] modelOutput, int step, float[] latent, NoiseSource noise);

  /**
   * Whether a step depends on the ones before it. If not, one sampler can serve any number of
   * latents at once; if so, each run needs its own, and a {@link #reset} before it.
   */
  default boolean hasHistory() {
    return false;
  }

  /** Forgets earlier steps; call it before each run. */
  default void reset() {}

  /** Copies of what later steps depend on; empty for a sampler without history. */
  default SamplerState saveState() {
    return SamplerState.empty();
  }

  /** Goes on from a saved state. @throws io.lethe.UserError if it is not of such a sampler */
  default void restoreState(SamplerState state) {}
}
