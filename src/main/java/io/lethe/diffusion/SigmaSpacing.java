// Noise levels that are spread by a rule of their own, and the timesteps that they belong to.
package io.lethe.diffusion;

/** How the levels between the largest and the smallest sigma are spread. */
enum SigmaSpacing {
  /** At the timesteps' own levels. */
  TIMESTEPS,
  /**
   * {@code (a + k/(n-1) (b - a))^7} with the seventh roots a and b of the largest and the smallest
   * (Karras et al.: Elucidating the Design Space of Diffusion-Based Generative Models, 2022,
   * formula 5).
   */
  KARRAS,
  /** Evenly in the logarithm. */
  EXPONENTIAL;

  private static final double RHO = 7;

  static SigmaSpacing of(SchedulerConfig config) {
    config.refuse("use_beta_sigmas");
    boolean karras = config.flag("use_karras_sigmas", false);
    boolean exponential = config.flag("use_exponential_sigmas", false);
    if (karras && exponential) {
      throw config.wrong("use_exponential_sigmas", "use_karras_sigmas is set as well");
    }
    return karras ? KARRAS : exponential ? EXPONENTIAL : TIMESTEPS;
  }

  /** Descending levels from one to the other; not for {@link #TIMESTEPS}. */
  double[] levels(double largest, double smallest, int steps) {
    double[] levels = new double[steps];
    double high = this == KARRAS ? Math.pow(largest, 1 / RHO) : Math.log(largest);
    double low = this == KARRAS ? Math.pow(smallest, 1 / RHO) : Math.log(smallest);
    for (int k = 0; k < steps; k++) {
      double between = high + TimestepSpacing.linspace(1, steps, k) * (low - high);
      levels[k] = this == KARRAS ? Math.pow(between, RHO) : Math.exp(between);
    }
    return levels;
  }

  /** The levels of timesteps, which may be fractional: linear between the whole ones. */
  static double[] atTimesteps(NoiseSchedule schedule, double[] timesteps) {
    double[] levels = new double[timesteps.length];
    for (int k = 0; k < levels.length; k++) {
      int below = (int) timesteps[k];
      double low = schedule.sigma(below);
      double part = timesteps[k] - below;
      levels[k] = part == 0 ? low : low + part * (schedule.sigma(below + 1) - low);
    }
    return levels;
  }

  /**
   * The fractional timesteps of levels: linear in the logarithm, and never outside the ends. The
   * timesteps' own logarithms are floats, as in diffusers, since some callers round down.
   */
  static double[] timestepsOf(NoiseSchedule schedule, double[] levels) {
    float[] logarithms = new float[schedule.trainSteps()];
    for (int t = 0; t < logarithms.length; t++) {
      logarithms[t] = (float) Math.log(schedule.sigma(t));
    }
    double[] timesteps = new double[levels.length];
    for (int k = 0; k < levels.length; k++) {
      timesteps[k] = position(logarithms, Math.log(levels[k]));
    }
    return timesteps;
  }

  private static double position(float[] ascending, double value) {
    int below = 0;
    while (below < ascending.length - 2 && ascending[below + 1] <= value) {
      below++;
    }
    if (below + 1 >= ascending.length) {
      return 0; // a single timestep
    }
    float gap = ascending[below + 1] - ascending[below];
    double part = Math.clamp((value - ascending[below]) / gap, 0, 1);
    return (1 - part) * below + part * (below + 1);
  }
}
