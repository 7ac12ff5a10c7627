// One picture and what the judge made of it.
package io.lethe.evaluate;

/**
 * A row of scores.csv.
 *
 * @param model {@code base} or {@code erased}
 * @param concept the name that was asked for
 * @param isErased whether that name should be gone
 * @param inVocabulary whether the eraser was allowed to use the name
 * @param form which prompt form, from 0
 * @param label the concept's place among the judge's labels
 * @param rank the concept's place in the ranking, 1 the best
 */
public record ScoredPicture(
    String model,
    String concept,
    boolean isErased,
    boolean inVocabulary,
    int form,
    String prompt,
    long seed,
    int label,
    int rank,
    Ranking ranking) {
  /** The model that was edited. */
  public static final String BASE = "base";

  /** The edited model. */
  public static final String ERASED = "erased";
}
