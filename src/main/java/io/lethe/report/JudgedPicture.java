// One row of scores.csv, as a report reads it.
package io.lethe.report;

/**
 * A picture that was asked for a name, and what the judge made of it.
 *
 * @param split whether the name should be gone or kept
 * @param known whether the eraser was allowed to use the name, so that keeping it is no surprise
 * @param rank the place of the name in the judge's ranking, 1 the best
 * @param probability of the name
 * @param seen what the judge saw first
 * @param seenProbability of that
 */
public record JudgedPicture(
    Split split,
    boolean known,
    String concept,
    String prompt,
    long seed,
    int rank,
    double probability,
    String seen,
    double seenProbability) {
  /** What should become of a name. */
  public enum Split {
    ERASED,
    KEPT
  }

  boolean isErased() {
    return split == Split.ERASED;
  }

  boolean isRecognised() {
    return rank == 1;
  }
}
