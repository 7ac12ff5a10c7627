// DDIM: deterministic steps along the noise schedule.
package io.lethe.diffusion;

/**
 * Song, Meng, Ermon: Denoising Diffusion Implicit Models (2021), formula 12 with eta 0.
 *
 * <pre>
 *   x_0 = clean sample predicted from x_t
 *   e   = noise predicted from x_t
 *   x_s = sqrt(abar_s) x_0 + sqrt(1 - abar_s) e        with s = t - N / n
 * </pre>
 *
 * <p>Below timestep 0 abar is 1, or abar_0 without set_alpha_to_one. Without history: one sampler
 * serves many latents, each at its own step.
 */
final class DdimSampler implements Sampler {
  private final NoiseSchedule schedule;
  private final double[] timesteps;
  private final int stride;
  private final double finalAlpha;
  private final double clip;

  /** Defaults: leading spacing, set_alpha_to_one, clip_sample to +-1. */
  DdimSampler(SchedulerConfig config, int steps) {
    config.refuse("thresholding");
    schedule = NoiseSchedule.of(config);
    timesteps =
        TimestepSpacing.of(config, TimestepSpacing.LEADING)
            .whole(config, schedule.trainSteps(), steps);
    StepCheck.signalIsLeft(schedule, timesteps);
    stride = schedule.trainSteps() / steps;
    finalAlpha = config.flag("set_alpha_to_one", true) ? 1 : schedule.alphaCumprod(0);
    clip = ClipRange.of(config);
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(timesteps, step, modelOutput, latent);
    int timestep = (int) timesteps[step];
    int next = timestep - stride;
    double alpha = schedule.alphaCumprod(timestep);
    double nextAlpha = next >= 0 ? schedule.alphaCumprod(next) : finalAlpha;
    double signal = Math.sqrt(alpha);
    double noiseScale = Math.sqrt(1 - alpha);
    LinearMix clean = LinearMix.clean(schedule.predictionType(), signal, noiseScale);
    LinearMix noisePart = LinearMix.noise(schedule.predictionType(), signal, noiseScale);
    double nextSignal = Math.sqrt(nextAlpha);
    double nextNoise = Math.sqrt(1 - nextAlpha);
    for (int i = 0; i < latent.length; i++) {
      double x = latent[i];
      double y = modelOutput[i];
      double x0 = clean.fromLatent() * x + clean.fromOutput() * y;
      double e = noisePart.fromLatent() * x + noisePart.fromOutput() * y;
      latent[i] = (float) (nextSignal * Math.clamp(x0, -clip, clip) + nextNoise * e);
    }
  }

  @Override
  public double[] timesteps() {
    return timesteps.clone();
  }
}
