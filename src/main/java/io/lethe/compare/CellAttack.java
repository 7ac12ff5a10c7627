// The attack that every cell of a grid is put to, as it stands in the files.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.api.AttackSettings;
import io.lethe.attack.TextualInversion;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Settings of {@link AttackSettings} in types that JSON has; null for what suits the model.
 *
 * @param method {@link TextualInversion#NAME}
 * @param embedding {@code word} or {@code context}
 */
public record CellAttack(
    String method,
    String embedding,
    int steps,
    int restarts,
    Integer batch,
    Double learningRate,
    Integer pictures,
    Integer count,
    Integer drawingSteps) {

  /**
   * @throws UserError for an unknown attack or embedding
   */
  public CellAttack {
    if (!TextualInversion.NAME.equals(method)) {
      throw new UserError("there is no attack '" + method + "'; known: " + TextualInversion.NAME);
    }
    TextualInversion.Embedding.named(embedding);
  }

  /** What the attack is told. */
  AttackSettings settings() {
    return new AttackSettings(
        TextualInversion.Embedding.named(embedding),
        steps,
        restarts,
        optional(batch),
        learningRate == null ? OptionalDouble.empty() : OptionalDouble.of(learningRate),
        optional(pictures),
        optional(count),
        optional(drawingSteps));
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
