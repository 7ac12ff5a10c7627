// What a judge thinks of one picture: its likeness to every label.
package io.lethe.evaluate;

import io.lethe.LetheException;

/**
 * Likenesses to all labels, in the labels' order.
 *
 * @param likeness cosines of the picture with each label; not copied
 * @param scale what cosines are multiplied by before the softmax
 */
public record Ranking(float[] likeness, double scale) {

  /**
   * @throws LetheException if a likeness is not a number
   */
  public Ranking {
    for (float value : likeness) {
      if (!Float.isFinite(value)) {
        throw new LetheException(
            "the judge gave " + value + "; its weights or the picture are bad");
      }
    }
  }

  /** The place of a label, 1 the best; of two alike the earlier label comes first. */
  public int rankOf(int label) {
    int rank = 1;
    for (int other = 0; other < likeness.length; other++) {
      if (likeness[other] > likeness[label]
          || likeness[other] == likeness[label] && other < label) {
        rank++;
      }
    }
    return rank;
  }

  /** The k best labels, best first. */
  public int[] top(int k) {
    int[] best = new int[Math.min(k, likeness.length)];
    boolean[] taken = new boolean[likeness.length];
    for (int place = 0; place < best.length; place++) {
      int chosen = -1;
      for (int label = 0; label < likeness.length; label++) {
        if (!taken[label] && (chosen < 0 || likeness[label] > likeness[chosen])) {
          chosen = label;
        }
      }
      taken[chosen] = true;
      best[place] = chosen;
    }
    return best;
  }

  /** The softmax of the scaled likenesses at one label. */
  public double probability(int label) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float value : likeness) {
      largest = Math.max(largest, scale * value);
    }
    double sum = 0;
    for (float value : likeness) {
      sum += Math.exp(scale * value - largest);
    }
    return Math.exp(scale * likeness[label] - largest) / sum;
  }
}
