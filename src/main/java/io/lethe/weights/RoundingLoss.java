// How much of an edit is lost when its weights are rounded for the file.
package io.lethe.weights;

import io.lethe.tensor.DType;

/**
 * Sums over the elements of edited tensors.
 *
 * @param lostSquared {@code sum (round(master) - master)^2}
 * @param changedSquared {@code sum (master - base)^2}
 */
public record RoundingLoss(double lostSquared, double changedSquared) {
  public static final RoundingLoss NONE = new RoundingLoss(0, 0);

  /** The loss of one tensor: its values before the edit, after it, and the type on disk. */
  public static RoundingLoss of(float[] base, float[] master, DType dtype) {
    if (base.length != master.length) {
      throw new IllegalArgumentException(base.length + " and " + master.length + " elements");
    }
    double lost = 0;
    double changed = 0;
    for (int i = 0; i < master.length; i++) {
      double rounding = (double) Rounding.round(master[i], dtype) - master[i];
      double change = (double) master[i] - base[i];
      lost += rounding * rounding;
      changed += change * change;
    }
    return new RoundingLoss(lost, changed);
  }

  public RoundingLoss plus(RoundingLoss other) {
    return new RoundingLoss(lostSquared + other.lostSquared, changedSquared + other.changedSquared);
  }

  /** {@code ||round(master) - master|| / ||master - base||}; 0 where nothing was lost. */
  public double share() {
    return lostSquared == 0 ? 0 : Math.sqrt(lostSquared / changedSquared);
  }
}
