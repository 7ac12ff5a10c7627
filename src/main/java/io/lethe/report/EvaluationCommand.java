// The command that repeats an evaluation, with every setting that its summary names.
package io.lethe.report;

import io.lethe.evaluate.PipelinePainter.Drawing;
import tools.jackson.databind.JsonNode;

/** From summary.json of {@code lethe evaluate}, or of the evaluation at the end of an erasure. */
final class EvaluationCommand {
  private EvaluationCommand() {}

  static ShellCommand of(EvaluationFolder evaluation, String model, String base, String out) {
    ShellCommand command = new ShellCommand("lethe", "evaluate");
    command.option("--model", model).option("--base", base);
    evaluation.erasedNames().forEach(name -> command.option("--erased", name));
    evaluation.keptNames().forEach(name -> command.option("--kept", name));
    JsonNode summary = evaluation.summary();
    put(command, "--images", summary.path("images"));
    put(command, "--kept-images", summary.path("kept_images"));
    put(command, "--seed", summary.path("seed"));
    Drawing.parse(summary.path("drawing").asString(""))
        .ifPresent(drawing ->
            command
                .option("--steps", Integer.toString(drawing.steps()))
                .option("--guidance", Double.toString(drawing.guidance()))
                .option("--scheduler", drawing.scheduler())
                .option("--size", drawing.width() + "x" + drawing.height()));
    return command.option("--out", out);
  }

  private static void put(ShellCommand command, String option, JsonNode number) {
    if (number.isNumber()) {
      command.option(option, number.asString());
    }
  }
}
