// The learning rate over a run.
package io.lethe.erase;

import io.lethe.UserError;
import java.util.Locale;

/** A schedule as a factor of the base rate. */
public enum LearningRate {
  CONSTANT,
  /** Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, without restarts). */
  COSINE;

  /**
   * @throws UserError listing the known ones
   */
  public static LearningRate named(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException unknown) {
      throw new UserError("there is no schedule '" + name + "'; known: constant, cosine", unknown);
    }
  }

  /** The factor of step {@code step} of {@code steps}, from 0. */
  public double factor(int step, int steps) {
    return switch (this) {
      case CONSTANT -> 1;
      case COSINE -> 0.5 * (1 + Math.cos(Math.PI * step / steps));
    };
  }
}
