// How many UNet passes a training eraser will need.
package io.lethe.erase;

/** Arithmetic on {@link TrainingSettings}; a forward with backward counts as three passes. */
final class PassEstimate {
  private PassEstimate() {}

  /**
   * All passes of a run.
   *
   * @param frozenPerStep samples that the frozen model sees in each step
   * @param keepPerStep samples of preserved words in each step, search included
   */
  static long of(TrainingSettings settings, int concepts, long frozenPerStep, long keepPerStep) {
    int guided = settings.guidance() > 1 ? 2 : 1;
    long trained = settings.batch() + keepPerStep;
    long fill =
        settings.reservoir()
            ? (long) guided * concepts * settings.trajectories() * (settings.levels() - 1)
            : 0;
    double perLatent =
        settings.reservoir() ? guided : guided * (settings.levels() - 1) / 2.0;
    return fill
        + Math.round(
            settings.steps() * (frozenPerStep + 3 * trained + perLatent * trained));
  }
}
