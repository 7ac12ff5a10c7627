// The noise levels that the samplers in sigma space walk down.
package io.lethe.diffusion;

import java.util.Arrays;

/**
 * Timesteps and levels for latents {@code x = x_0 + sigma e}.
 *
 * @param timesteps one a step, descending, possibly fractional
 * @param sigmas one a step and the level at which the last step arrives
 * @param initialNoise the standard deviation of the latent to start from
 */
record SigmaGrid(double[] timesteps, double[] sigmas, double initialNoise) {

  /**
   * From timestep_spacing (linspace), use_karras_sigmas and use_exponential_sigmas (false),
   * sigma_min and sigma_max (for those two: the first and last level of the timesteps) and
   * final_sigmas_type (zero; or sigma_min).
   */
  static SigmaGrid of(SchedulerConfig config, NoiseSchedule schedule, int steps) {
    TimestepSpacing spacing = TimestepSpacing.of(config, TimestepSpacing.LINSPACE);
    double[] timesteps = spacing.fractional(config, schedule.trainSteps(), steps);
    double[] levels = SigmaSpacing.atTimesteps(schedule, timesteps);
    SigmaSpacing levelSpacing = SigmaSpacing.of(config);
    if (levelSpacing != SigmaSpacing.TIMESTEPS) {
      double largest = config.number("sigma_max", levels[0]);
      double smallest = config.number("sigma_min", levels[steps - 1]);
      if (!(smallest > 0 && smallest <= largest && largest < Double.POSITIVE_INFINITY)) {
        throw config.wrong(
            "sigma_min", "levels from %s down to %s make no grid".formatted(largest, smallest));
      }
      levels = levelSpacing.levels(largest, smallest, steps);
      timesteps = SigmaSpacing.timestepsOf(schedule, levels);
      for (int k = 0; k < steps; k++) {
        timesteps[k] = (float) timesteps[k];
      }
    }
    double[] sigmas = withLast(levels, lastSigma(config, schedule));
    double most = 0;
    for (double sigma : sigmas) {
      most = Math.max(most, sigma);
    }
    // The leading grid starts below the last timestep, where the signal is not yet gone.
    boolean leading = spacing == TimestepSpacing.LEADING;
    return new SigmaGrid(timesteps, sigmas, leading ? Math.sqrt(most * most + 1) : most);
  }

  /** Where the last step arrives: at no noise, or at the first timestep's. */
  static double lastSigma(SchedulerConfig config, NoiseSchedule schedule) {
    String type = config.choice("final_sigmas_type", "zero", "zero", "sigma_min");
    return type.equals("zero") ? 0 : schedule.sigma(0);
  }

  static double[] withLast(double[] levels, double last) {
    double[] sigmas = Arrays.copyOf(levels, levels.length + 1);
    sigmas[levels.length] = last;
    return sigmas;
  }

  /** {@code x / sqrt(sigma^2 + 1)}: the latent as the model was trained to see it. */
  float[] scaled(float[] latent, int step) {
    double scale = 1 / Math.sqrt(sigmas[step] * sigmas[step] + 1);
    float[] scaled = new float[latent.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (latent[i] * scale);
    }
    return scaled;
  }
}
