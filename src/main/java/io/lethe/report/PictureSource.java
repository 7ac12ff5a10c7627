// All that is needed to draw pictures for a report.
package io.lethe.report;

import io.lethe.backend.Backend;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.PipelinePainter;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.evaluate.PromptForms;
import java.nio.file.Path;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * The base model, the judge, and what computes; edited models are opened one at a time.
 *
 * @param base the model before the edit, which the caller closes
 * @param forms the sentences in which names are asked for
 */
public record PictureSource(
    Pipeline base, Backend backend, ClipJudge judge, PromptForms forms, ProgressListener progress) {
  private static final int STEPS = 25;

  /**
   * The settings that an evaluation was drawn with, so that its pictures can be drawn again; those
   * that suit the base where the summary tells none.
   */
  Drawing drawing(JsonNode summary) {
    return Drawing.parse(summary.path("drawing").asString(""))
        .orElseGet(() -> Drawing.suiting(base, STEPS));
  }

  PipelinePainter basePainter(Drawing drawing) {
    return new PipelinePainter(base, drawing);
  }

  /** Opens an edited model for as long as the work takes. */
  <T> T with(PipelinePainter basePainter, Drawing drawing, Path model, Function<Studio, T> work) {
    try (Pipeline edited = Pipeline.open(model, backend)) {
      PipelinePainter painter = new PipelinePainter(edited, drawing);
      return work.apply(new Studio(basePainter, painter, judge, forms, drawing.batch(), progress));
    }
  }
}
