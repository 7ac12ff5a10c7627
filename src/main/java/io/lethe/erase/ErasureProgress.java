// How far the student has moved from the concept towards, and past, the empty prompt; training can
// stop there.
package io.lethe.erase;

/**
 * Progress p places the student's prediction on the line from {@code e(c)} (0) over {@code e("")}
 * (1) towards the target. The target lies at {@code reach}, so {@code mean ||e' - target||^2 =
 * (reach - p)^2 mean ||e(c) - e("")||^2} and
 *
 * <pre>
 * p = reach - sqrt(mean ||e' - target||^2 / mean ||e(c) - e("")||^2)
 * </pre>
 *
 * Both means are taken over the batches so far with weights that fade, since a batch is a few
 * latents at random timesteps. Some concepts are gone after fewer steps than others, and every step
 * beyond that only harms the rest.
 */
final class ErasureProgress {
  private static final double FADE = 0.9;

  private final double reach;
  private final double until;
  private double error;
  private double gap;

  /**
   * @param reach where the target lies: {@code 1 + eta} for the anchor "", {@code eta} for the
   *     anchor c
   * @param until progress at which the concept counts as gone; 0 for never
   */
  ErasureProgress(double reach, double until) {
    this.reach = reach;
    this.until = until;
  }

  /** Takes in one batch. */
  void add(double squaredError, double squaredGap) {
    error = FADE * error + (1 - FADE) * squaredError;
    gap = FADE * gap + (1 - FADE) * squaredGap;
  }

  double value() {
    return gap == 0 ? 0 : reach - Math.sqrt(error / gap);
  }

  boolean isReached() {
    return until > 0 && value() >= until;
  }

  void save(TrainingState state) {
    state.putDoubles("progress", new double[] {error, gap});
  }

  void load(TrainingState state) {
    error = state.doubles("progress")[0];
    gap = state.doubles("progress")[1];
  }
}
