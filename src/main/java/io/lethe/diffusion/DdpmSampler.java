// DDPM: ancestral steps along the noise schedule.
package io.lethe.diffusion;

/**
 * Ho, Jain, Abbeel: Denoising Diffusion Probabilistic Models (2020), formulas 6, 7 and 15, between
 * the timesteps t and s of any grid.
 *
 * <pre>
 *   x_0     = clean sample predicted from x_t
 *   alpha   = abar_t / abar_s,  beta = 1 - alpha
 *   mean    = sqrt(abar_s) beta / (1 - abar_t) x_0 + sqrt(alpha) (1 - abar_s) / (1 - abar_t) x_t
 *   x_s     = mean + sqrt(variance) noise              (no noise at t = 0)
 *   variance: fixed_small  (1 - abar_s) / (1 - abar_t) beta;  fixed_large  beta
 * </pre>
 *
 * <p>After the last timestep abar is 1.
 */
final class DdpmSampler implements Sampler {
  private static final double LEAST_VARIANCE = 1e-20;

  private final NoiseSchedule schedule;
  private final double[] timesteps;
  private final double clip;
  private final boolean largeVariance;

  /** Defaults: leading spacing, variance_type fixed_small, clip_sample to +-1. */
  DdpmSampler(SchedulerConfig config, int steps) {
    config.refuse("thresholding");
    schedule = NoiseSchedule.of(config);
    timesteps =
        TimestepSpacing.of(config, TimestepSpacing.LEADING)
            .whole(config, schedule.trainSteps(), steps);
    StepCheck.signalIsLeft(schedule, timesteps);
    clip = ClipRange.of(config);
    // fixed_small_log is the same number, by way of its logarithm.
    String variance =
        config.choice(
            "variance_type", "fixed_small", "fixed_small", "fixed_small_log", "fixed_large");
    largeVariance = variance.equals("fixed_large");
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(timesteps, step, modelOutput, latent);
    int timestep = (int) timesteps[step];
    double alphaCumprod = schedule.alphaCumprod(timestep);
    boolean last = step + 1 == timesteps.length;
    double nextAlphaCumprod = last ? 1 : schedule.alphaCumprod((int) timesteps[step + 1]);
    double alpha = alphaCumprod / nextAlphaCumprod;
    double beta = 1 - alpha;
    LinearMix clean =
        LinearMix.clean(
            schedule.predictionType(), Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod));
    double cleanWeight = Math.sqrt(nextAlphaCumprod) * beta / (1 - alphaCumprod);
    double share = (1 - nextAlphaCumprod) / (1 - alphaCumprod);
    double latentWeight = Math.sqrt(alpha) * share;
    double deviation =
        timestep == 0
            ? 0
            : Math.sqrt(largeVariance ? beta : Math.max(share * beta, LEAST_VARIANCE));
    float[] drawn = timestep == 0 ? null : noise.draw(latent.length);
    for (int i = 0; i < latent.length; i++) {
      double x = latent[i];
      double x0 = clean.fromLatent() * x + clean.fromOutput() * modelOutput[i];
      double mean = cleanWeight * Math.clamp(x0, -clip, clip) + latentWeight * x;
      latent[i] = (float) (drawn == null ? mean : mean + deviation * drawn[i]);
    }
  }

  @Override
  public double[] timesteps() {
    return timesteps.clone();
  }
}
