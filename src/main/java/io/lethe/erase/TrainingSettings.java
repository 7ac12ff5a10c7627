// The settings that all erasers that train a UNet share.
package io.lethe.erase;

import io.lethe.UserError;

/**
 * Settings of {@link TrainingLoop}.
 *
 * @param selector which parameters are trained
 * @param steps weight updates
 * @param until progress of {@link ErasureProgress} at which training stops early; 0 for never
 * @param batch latents of the concept in each update
 * @param learningRate Adam's
 * @param schedule of the learning rate
 * @param weighting of timesteps in the loss
 * @param negativeGuidance eta: how far the target lies beyond the anchor, away from the concept
 * @param guidance classifier-free guidance scale of the latents' sampling
 * @param levels of the DDIM grid on which latents stand
 * @param reservoir latents from a pool; false for a new partial sampling each
 * @param advance how many of the batch's latents a pool moves on after each update
 * @param trajectories whole trajectories that fill the pool, for each concept
 * @param frozenSampling latents are sampled by the frozen model, not the student
 * @param legacyTimesteps the published code's mismatch between latent and timestep
 */
public record TrainingSettings(
    Selector selector,
    int steps,
    double until,
    int batch,
    double learningRate,
    LearningRate schedule,
    Weighting weighting,
    double negativeGuidance,
    double guidance,
    int levels,
    boolean reservoir,
    int advance,
    int trajectories,
    boolean frozenSampling,
    boolean legacyTimesteps) {
  public TrainingSettings {
    require(steps >= 1, "--steps", steps);
    require(batch >= 1, "--batch", batch);
    require(learningRate > 0 && learningRate < 1, "--lr", learningRate);
    require(negativeGuidance >= 0, "--negative-guidance", negativeGuidance);
    require(levels >= 2 && levels <= 1000, "--levels", levels);
    require(advance >= 0 && advance <= batch, "--advance", advance);
    require(trajectories >= 1, "--trajectories", trajectories);
    if (reservoir && legacyTimesteps) {
      throw new UserError("the legacy timesteps belong to --latents fresh");
    }
  }

  private static void require(boolean holds, String option, Number value) {
    if (!holds) {
      throw new UserError(option + " " + value + " is out of range");
    }
  }
}
