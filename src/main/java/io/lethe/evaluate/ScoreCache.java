// Judged pictures that need not be drawn again.
package io.lethe.evaluate;

import java.util.HashMap;
import java.util.Map;

/**
 * Rankings by everything that decides them, in memory, so that evaluations of several edits of one
 * base draw the base's pictures once.
 */
public final class ScoreCache {
  /**
   * All that decides a ranking.
   *
   * @param model hash of the model's files
   * @param settings of the drawing
   * @param judge name and hash
   */
  public record Key(String model, String settings, String judge, String prompt, long seed) {}

  private final Map<Key, Ranking> rankings = new HashMap<>();

  /** The ranking of a picture, or null. */
  public Ranking get(Key key) {
    return rankings.get(key);
  }

  /** Remembers a picture's ranking. */
  public void put(Key key, Ranking ranking) {
    rankings.put(key, ranking);
  }

  /** How many pictures are remembered. */
  public int size() {
    return rankings.size();
  }
}
