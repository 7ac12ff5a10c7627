// Which of the training's timesteps a sampler visits.
package io.lethe.diffusion;

import io.lethe.UserError;

/** The three grids of Lin et al. (2024), table 2, for n steps of N; all descend. */
enum TimestepSpacing {
  /** {@code k floor(N / n) + offset}. */
  LEADING,
  /** From N - 1 to 0 in equal parts. */
  LINSPACE,
  /** {@code round(N - k N / n) - 1}: starts at N - 1. */
  TRAILING;

  static TimestepSpacing of(SchedulerConfig config, TimestepSpacing otherwise) {
    String name = config.choice("timestep_spacing", "", "leading", "linspace", "trailing");
    return switch (name) {
      case "leading" -> LEADING;
      case "linspace" -> LINSPACE;
      case "trailing" -> TRAILING;
      default -> otherwise;
    };
  }

  /** The grid in whole timesteps. @throws UserError if it leaves 0 to N - 1 */
  double[] whole(SchedulerConfig config, int trainSteps, int steps) {
    double[] grid = grid(config, trainSteps, steps);
    for (int i = 0; i < grid.length; i++) {
      grid[i] = Math.rint(grid[i]);
    }
    return grid;
  }

  /** The grid in floats, in which linspace has fractions. @throws UserError as {@link #whole} */
  double[] fractional(SchedulerConfig config, int trainSteps, int steps) {
    double[] grid = grid(config, trainSteps, steps);
    for (int i = 0; i < grid.length; i++) {
      grid[i] = (float) grid[i];
    }
    return grid;
  }

  private double[] grid(SchedulerConfig config, int trainSteps, int steps) {
    if (steps < 1 || steps > trainSteps) {
      throw new UserError(
          "%d sampling steps are not possible; this model has %d timesteps"
              .formatted(steps, trainSteps));
    }
    int offset = config.integer("steps_offset", 0, 0, trainSteps);
    double[] grid = new double[steps];
    for (int k = 0; k < steps; k++) {
      grid[steps - 1 - k] =
          switch (this) {
            case LEADING -> k * (trainSteps / steps) + offset;
            case LINSPACE -> linspace(trainSteps - 1, steps, k);
            case TRAILING -> trailing(trainSteps, steps, steps - 1 - k);
          };
    }
    if (grid[0] > trainSteps - 1) {
      throw new UserError(
          "%d sampling steps with steps_offset %d go beyond the last timestep, %d"
              .formatted(steps, offset, trainSteps - 1));
    }
    return grid;
  }

  /** The k-th of n points from 0 to the end, both included. */
  static double linspace(double end, int points, int k) {
    return points == 1 ? 0 : k == points - 1 ? end : k * (end / (points - 1));
  }

  /** The k-th point of the trailing grid. */
  static double trailing(int trainSteps, int steps, int k) {
    return Math.rint(trainSteps - k * ((double) trainSteps / steps)) - 1;
  }
}
