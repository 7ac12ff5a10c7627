// How an edited model is compared with its base: which names, how many pictures, drawn how.
package io.lethe.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The protocol of an evaluation.
 *
 * @param kept names that should stay; none for all others that the model draws
 * @param labels a file of what the judge ranks among, one name a line or a {@code concepts.json};
 *     else the judge's own list
 * @param forms a file of prompt forms, one a line, {@code {}} for the name; else those that suit
 *     the model
 * @param vocabulary a file of the words that the eraser could use; else those that the list marks
 * @param images pictures of each erased name
 * @param keptImages pictures of each kept name
 * @param seed the first of the pictures' seeds
 * @param steps of the sampler
 * @param guidance scale; else what suits the base
 * @param scheduler name; else the base's own
 * @param width in pixels; 0 for what the base was trained on
 * @param height in pixels; 0 for what the base was trained on
 */
public record EvaluationSettings(
    List<String> kept,
    Optional<Path> labels,
    Optional<Path> forms,
    Optional<Path> vocabulary,
    int images,
    int keptImages,
    long seed,
    int steps,
    OptionalDouble guidance,
    Optional<String> scheduler,
    int width,
    int height) {
  /** Pictures of each erased name in the full protocol. */
  public static final int IMAGES = 32;

  /** Pictures of each kept name in the full protocol. */
  public static final int KEPT_IMAGES = 2;

  /** The first seed of the full protocol; training never uses these. */
  public static final long SEED = 9000;

  /** Sampler steps of the full protocol. */
  public static final int STEPS = 25;

  /** Copies the list. */
  public EvaluationSettings {
    kept = List.copyOf(kept);
  }

  /**
   * The full protocol: 32 pictures of each erased name, two of each other name that the model
   * draws, 25 steps.
   *
   * @return its settings
   */
  public static EvaluationSettings full() {
    return of(IMAGES, KEPT_IMAGES, STEPS);
  }

  /**
   * A protocol of other counts.
   *
   * @param images pictures of each erased name
   * @param keptImages pictures of each kept name
   * @param steps of the sampler
   * @return its settings
   */
  public static EvaluationSettings of(int images, int keptImages, int steps) {
    return new EvaluationSettings(
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        images,
        keptImages,
        SEED,
        steps,
        OptionalDouble.empty(),
        Optional.empty(),
        0,
        0);
  }
}
