// The options of the attack on every cell of a comparison.
package io.lethe.cli;

import io.lethe.api.AttackSettings;
import io.lethe.compare.CellAttack;
import picocli.CommandLine.Option;

/** What is not given suits the model. */
final class CellAttackGroup {
  private static final int MOST = 1000;

  @Option(
      names = "--attack",
      paramLabel = "NAME",
      description = "Attack every edited model: textual-inversion. Default: no attack.")
  private String attack;

  @Option(
      names = "--attack-embedding",
      paramLabel = "KIND",
      defaultValue = "word",
      description = "What it learns: word or context (default: ${DEFAULT-VALUE}).")
  private String embedding;

  @Option(
      names = "--attack-steps",
      paramLabel = "N",
      defaultValue = "" + AttackSettings.STEPS,
      description = "Of each restart (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--attack-restarts",
      paramLabel = "N",
      defaultValue = "" + AttackSettings.RESTARTS,
      description = "Searches from different starts (default: ${DEFAULT-VALUE}).")
  private int restarts;

  @Option(names = "--attack-batch", paramLabel = "N", description = "Noisy pictures in a step.")
  private Integer batch;

  @Option(names = "--attack-lr", paramLabel = "RATE", description = "Learning rate of AdamW.")
  private Double learningRate;

  @Option(
      names = "--attack-pictures",
      paramLabel = "N",
      description = "Pictures that the base draws to learn from.")
  private Integer pictures;

  @Option(
      names = "--attack-count",
      paramLabel = "N",
      description = "Pictures that each rate is counted over.")
  private Integer count;

  @Option(
      names = "--attack-drawing-steps",
      paramLabel = "N",
      description = "Steps of the sampler for its pictures.")
  private Integer drawingSteps;

  /** The attack, or null for none. */
  CellAttack attack() {
    if (attack == null) {
      return null;
    }
    OptionChecks.between("--attack-steps", steps, 0, 1_000_000);
    OptionChecks.between("--attack-restarts", restarts, 1, MOST);
    between("--attack-batch", batch);
    between("--attack-pictures", pictures);
    between("--attack-count", count);
    between("--attack-drawing-steps", drawingSteps);
    if (learningRate != null) {
      OptionChecks.between("--attack-lr", learningRate, 0, MOST);
    }
    return new CellAttack(
        attack, embedding, steps, restarts, batch, learningRate, pictures, count, drawingSteps);
  }

  private static void between(String option, Integer value) {
    if (value != null) {
      OptionChecks.between(option, value, 1, MOST);
    }
  }
}
