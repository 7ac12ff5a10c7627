// How far a predicted clean sample may reach.
package io.lethe.diffusion;

/** Reads clip_sample (true) and clip_sample_range (1), for DDIM and DDPM. */
final class ClipRange {
  private ClipRange() {}

  /** The bound on both sides; infinite without clipping, as latents need it. */
  static double of(SchedulerConfig config) {
    double range = config.number("clip_sample_range", 1);
    if (!(range > 0)) {
      throw config.wrong("clip_sample_range", "a number above 0 is needed");
    }
    return config.flag("clip_sample", true) ? range : Double.POSITIVE_INFINITY;
  }
}
