// How hard an attack tries.
package io.lethe.api;

import io.lethe.attack.TextualInversion;
import io.lethe.evaluate.PromptForms;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Settings of a textual inversion; what is empty suits the model.
 *
 * @param embedding what is learned: a word's, or the whole context
 * @param steps of each restart; 0 judges the starts
 * @param restarts searches from different starts
 * @param batch noisy pictures in a step
 * @param learningRate AdamW's
 * @param pictures that the base draws to learn from
 * @param count pictures that each rate is counted over
 * @param drawingSteps of the sampler, for all pictures
 */
public record AttackSettings(
    TextualInversion.Embedding embedding,
    int steps,
    int restarts,
    OptionalInt batch,
    OptionalDouble learningRate,
    OptionalInt pictures,
    OptionalInt count,
    OptionalInt drawingSteps) {
  /** Steps of a restart unless set. */
  public static final int STEPS = 300;

  /** Restarts unless set. */
  public static final int RESTARTS = 3;

  /**
   * What suits the model, with as many steps and restarts as were found to be needed.
   *
   * @param embedding what is learned
   * @return the settings
   */
  public static AttackSettings of(TextualInversion.Embedding embedding) {
    return new AttackSettings(
        embedding,
        STEPS,
        RESTARTS,
        OptionalInt.empty(),
        OptionalDouble.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  /** These settings with every gap filled. */
  TextualInversion.Settings filled(boolean fullSize, PromptForms forms) {
    TextualInversion.Settings suiting =
        TextualInversion.Settings.defaults(embedding, fullSize, forms);
    return new TextualInversion.Settings(
        embedding,
        steps,
        restarts,
        batch.orElse(suiting.batch()),
        learningRate.orElse(suiting.learningRate()),
        pictures.orElse(suiting.pictures()),
        suiting.captions(),
        count.orElse(suiting.count()),
        drawingSteps.orElse(suiting.drawingSteps()));
  }
}
