// What an evaluation found, and where its files are.
package io.lethe.api;

import io.lethe.evaluate.EvaluationResult;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/**
 * A finished evaluation.
 *
 * @param folder of scores.csv, summary.json and before-after.png
 * @param result every judged picture and the metrics
 * @param summary what stands in summary.json
 */
public record EvaluationOutcome(Path folder, EvaluationResult result, ObjectNode summary) {}
