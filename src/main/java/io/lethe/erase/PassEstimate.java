// How many UNet passes a training eraser will need.
package io.lethe.erase;

/** Arithmetic on {@link TrainingSettings}. */
final class PassEstimate {
  /** A forward with backward counts as this many forward passes. */
  static final int BACKWARD = 3;

  private PassEstimate() {}

  private static int guided(TrainingSettings settings) {
    return settings.guidance() > 1 ? 2 : 1;
  }

  /** Filling a pool by so many trajectories; nothing without a pool. */
  static long fill(TrainingSettings settings, int trajectories) {
    return settings.reservoir()
        ? (long) guided(settings) * trajectories * (settings.levels() - 1)
        : 0;
  }

  /**
   * The latents of one step: those that a pool moves on, or a partial sampling of half the grid for
   * each.
   */
  static long latents(TrainingSettings settings, int batch, int advance) {
    return settings.reservoir()
        ? (long) guided(settings) * advance
        : (long) guided(settings) * batch * (settings.levels() - 1) / 2;
  }

  /** The side of the erased concepts: fill, targets (two predictions each), updates, latents. */
  static long ofConcepts(TrainingSettings settings, int concepts) {
    long step =
        settings.batch() * (2L + BACKWARD)
            + latents(settings, settings.batch(), settings.advance());
    return fill(settings, concepts * settings.trajectories()) + settings.steps() * step;
  }
}
