// How much each timestep counts in the loss.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.diffusion.NoiseSchedule;
import java.util.Locale;

/**
 * The weight of a squared error of the prediction at a timestep with {@code A = alphasCumprod[t]}.
 */
public enum Weighting {
  /** 1: error of the noise, as EAP's paper writes and ESD does. */
  NONE,
  /**
   * {@code (1 - A) / A}: error of the predicted clean latent, as EAP's code does. From 0.0017 to
   * 172 on the usual schedule.
   */
  X0,
  /**
   * {@code min((1 - A) / A, 5)}: as X0, without letting the noisiest timesteps outweigh all others.
   */
  X0_CLAMPED;

  private static final double CLAMP = 5;

  /**
   * @throws UserError listing the known ones
   */
  public static Weighting named(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException unknown) {
      throw new UserError(
          "there is no weighting '" + name + "'; known: none, x0, x0-clamped", unknown);
    }
  }

  public double weight(NoiseSchedule schedule, double timestep) {
    double alpha = schedule.alphaCumprod((int) timestep);
    double ratio = (1 - alpha) / alpha;
    return switch (this) {
      case NONE -> 1;
      case X0 -> ratio;
      case X0_CLAMPED -> Math.min(ratio, CLAMP);
    };
  }
}
