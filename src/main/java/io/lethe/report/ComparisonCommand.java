// The command that repeats a comparison, with every setting that its plan names.
package io.lethe.report;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** From comparison.json; what the plan leaves to the command's defaults is left to them here. */
final class ComparisonCommand {
  /** Options of the command by where the plan keeps them. */
  private static final Map<String, String> EVALUATION = new LinkedHashMap<>();

  private static final Map<String, String> ATTACK = new LinkedHashMap<>();

  static {
    EVALUATION.put("images", "--images");
    EVALUATION.put("kept_images", "--kept-images");
    EVALUATION.put("seed", "--evaluation-seed");
    EVALUATION.put("steps", "--steps");
    EVALUATION.put("guidance", "--guidance");
    EVALUATION.put("scheduler", "--scheduler");
    EVALUATION.put("labels", "--labels");
    EVALUATION.put("forms", "--templates");
    ATTACK.put("method", "--attack");
    ATTACK.put("embedding", "--attack-embedding");
    ATTACK.put("steps", "--attack-steps");
    ATTACK.put("restarts", "--attack-restarts");
    ATTACK.put("batch", "--attack-batch");
    ATTACK.put("learning_rate", "--attack-lr");
    ATTACK.put("pictures", "--attack-pictures");
    ATTACK.put("count", "--attack-count");
    ATTACK.put("drawing_steps", "--attack-drawing-steps");
  }

  private ComparisonCommand() {}

  static ShellCommand of(ComparisonFolder comparison, String out) {
    JsonNode plan = comparison.comparison();
    ShellCommand command = new ShellCommand("lethe", "compare");
    put(command, "--model", name(plan.path("model")));
    put(command, "--judge", name(plan.path("judge")));
    command.option("--concepts", String.join(",", comparison.concepts()));
    command.option("--methods", String.join(",", comparison.methods()));
    command.option("--seeds", Integer.toString(comparison.seeds().size()));
    put(command, "--vocabulary", plan.path("vocabulary").asString(""));
    plan.path("preserve").forEach(name -> command.option("--preserve", name.asString()));
    JsonNode evaluation = plan.path("evaluation");
    evaluation.path("kept").forEach(name -> command.option("--kept", name.asString()));
    EVALUATION.forEach((key, option) -> put(command, option, evaluation.path(key).asString("")));
    int width = evaluation.path("width").asInt(0);
    if (width > 0) {
      command.option("--size", width + "x" + evaluation.path("height").asInt(width));
    }
    ATTACK.forEach(
        (key, option) -> put(command, option, plan.path("attack").path(key).asString("")));
    return command.option("--out", out);
  }

  /** A folder by its name: where it lies is the reader's own affair. */
  private static String name(JsonNode folder) {
    Path name = Path.of(folder.asString("")).getFileName();
    return name == null ? "" : name.toString();
  }

  private static void put(ShellCommand command, String option, String value) {
    if (!value.isEmpty()) {
      command.option(option, value);
    }
  }
}
