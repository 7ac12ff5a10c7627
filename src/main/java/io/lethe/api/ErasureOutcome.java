// What an erasure left behind.
package io.lethe.api;

import io.lethe.erase.ErasedModel;
import io.lethe.evaluate.EvaluationResult;
import io.lethe.evaluate.Metric;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A finished erasure.
 *
 * @param folder the edited model, with metrics.json and, where it was judged, before-after.png
 * @param erased the new weights, and how the method came to them
 * @param evaluation the short check against the base; nothing when there was no judge
 * @param metrics what stands in metrics.json; only what is under {@code measured} differs from run
 *     to run
 */
public record ErasureOutcome(
    Path folder, ErasedModel erased, Optional<EvaluationResult> evaluation, ObjectNode metrics) {

  /**
   * The check in one sentence.
   *
   * @return such as {@code lion is gone from 100 % of its pictures (base: 0 %); ...}
   */
  public Optional<String> verdict() {
    return evaluation.map(ErasureOutcome::sentence);
  }

  private static String sentence(EvaluationResult result) {
    Map<String, Metric> metrics = result.metrics();
    Metric gone = metrics.get("esr1");
    Metric kept = metrics.get("psr1");
    return String.format(
        Locale.ROOT,
        "%s is gone from %.0f %% of its pictures (base: %.0f %%); of %d other names %.0f %% are"
            + " still drawn (base: %.0f %%)",
        String.join(", ", result.plan().erased()),
        100 * gone.value(),
        100 * gone.base(),
        result.plan().kept().size(),
        100 * kept.value(),
        100 * kept.base());
  }
}
