// Refuses steps that a sampler cannot take.
package io.lethe.diffusion;

import io.lethe.LetheException;
import io.lethe.UserError;

/** What every sampler asks of its arguments. */
final class StepCheck {
  private StepCheck() {}

  /**
   * @throws LetheException if there is no such step or the sizes differ
   */
  static void arguments(double[] timesteps, int step, float[] output, float[] latent) {
    if (step < 0 || step >= timesteps.length) {
      throw new LetheException("step " + step + " of a sampler with " + timesteps.length);
    }
    if (output.length != latent.length) {
      throw new LetheException(
          "the model's output has %d elements, the latent %d"
              .formatted(output.length, latent.length));
    }
  }

  /**
   * Where abar is 0 nothing of the clean sample is left, and from the noise it cannot be found.
   *
   * @throws UserError if the grid starts there and the model predicts noise
   */
  static void signalIsLeft(NoiseSchedule schedule, double[] timesteps) {
    if (schedule.predictionType() == PredictionType.EPSILON
        && schedule.alphaCumprod((int) timesteps[0]) == 0) {
      throw new UserError(
          "the scheduler's first timestep is pure noise (rescale_betas_zero_snr), from which a"
              + " model with prediction_type epsilon cannot start; it needs v_prediction");
    }
  }
}
