// Euler's method with fresh noise at every step.
package io.lethe.diffusion;

/**
 * Ancestral sampling (Song et al.: Score-Based Generative Modeling through Stochastic Differential
 * Equations, 2021, appendix F) in Euler steps, for latents {@code x = x_0 + sigma e}: down to a
 * level below the next one, and up again with noise.
 *
 * <pre>
 *   up   = sqrt(next^2 (sigma^2 - next^2) / sigma^2),  down = sqrt(next^2 - up^2)
 *   d    = (x - x_0) / sigma
 *   x    = x + (down - sigma) d + up noise
 * </pre>
 */
final class EulerAncestralSampler implements Sampler {
  private final PredictionType predictionType;
  private final SigmaGrid grid;

  /** Defaults: linspace spacing, down to no noise. */
  EulerAncestralSampler(SchedulerConfig config, int steps) {
    NoiseSchedule schedule = NoiseSchedule.of(config).withFiniteSigmas();
    predictionType = schedule.predictionType();
    grid = SigmaGrid.of(config, schedule, steps);
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(grid.timesteps(), step, modelOutput, latent);
    double variance = grid.sigmas()[step] * grid.sigmas()[step];
    double nextVariance = grid.sigmas()[step + 1] * grid.sigmas()[step + 1];
    double upVariance = nextVariance * (variance - nextVariance) / variance;
    double up = Math.sqrt(upVariance);
    double change = Math.sqrt(nextVariance - upVariance) - grid.sigmas()[step];
    LinearMix derivative = LinearMix.derivative(predictionType, grid.sigmas()[step]);
    float[] drawn = noise.draw(latent.length); // at the last step too, where it has no weight
    for (int i = 0; i < latent.length; i++) {
      double x = latent[i];
      double d = derivative.fromLatent() * x + derivative.fromOutput() * modelOutput[i];
      latent[i] = (float) (x + change * d + up * drawn[i]);
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
