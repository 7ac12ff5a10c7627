// Euler's method down the noise levels.
package io.lethe.diffusion;

/**
 * Karras et al.: Elucidating the Design Space of Diffusion-Based Generative Models (2022),
 * algorithm 2 without churn, for latents {@code x = x_0 + sigma e}.
 *
 * <pre>
 *   d = (x - x_0) / sigma
 *   x = x + (sigma_next - sigma) d
 * </pre>
 */
final class EulerSampler implements Sampler {
  private final PredictionType predictionType;
  private final SigmaGrid grid;

  /** Defaults: linspace spacing, the timesteps' own levels, down to no noise. */
  EulerSampler(SchedulerConfig config, int steps) {
    config.choice("interpolation_type", "linear", "linear");
    config.choice("timestep_type", "discrete", "discrete");
    NoiseSchedule schedule = NoiseSchedule.of(config).withFiniteSigmas();
    predictionType = schedule.predictionType();
    grid = SigmaGrid.of(config, schedule, steps);
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(grid.timesteps(), step, modelOutput, latent);
    double sigma = grid.sigmas()[step];
    double change = grid.sigmas()[step + 1] - sigma;
    LinearMix derivative = LinearMix.derivative(predictionType, sigma);
    for (int i = 0; i < latent.length; i++) {
      double x = latent[i];
      double d = derivative.fromLatent() * x + derivative.fromOutput() * modelOutput[i];
      latent[i] = (float) (x + change * d);
    }
  }

  @Override
  public double[] timesteps() {
    return grid.timesteps().clone();
  }

  @Override
  public double initialNoiseSigma() {
    return grid.initialNoise();
  }

  @Override
  public float[] scaleInput(float[] latent, int step) {
    return grid.scaled(latent, step);
  }
}
