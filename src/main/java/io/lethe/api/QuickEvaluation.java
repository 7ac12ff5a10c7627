// The short check at the end of an erasure: is it gone, and is a sample of the rest still there?
package io.lethe.api;

import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.Evaluation;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.EvaluationResult;
import io.lethe.evaluate.Neighbours;
import io.lethe.evaluate.PipelinePainter;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.ScoreCache;
import io.lethe.report.PngFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * 16 pictures of each erased concept and two of 20 kept ones, both models; the full protocol is
 * {@code lethe evaluate}.
 */
final class QuickEvaluation {
  private static final int STEPS = 25;
  private static final int ERASED_PICTURES = 16;
  private static final int KEPT_NAMES = 20;
  private static final int KEPT_PICTURES = 2;
  private static final int NEIGHBOURS = 3;
  private static final long SEED = 9000;

  private final List<String> erased;
  private final ClipJudge judge;
  private final Optional<ConceptList> concepts;
  private final Path judgeFolder;

  QuickEvaluation(
      List<String> erased, ClipJudge judge, Optional<ConceptList> concepts, Path judgeFolder) {
    this.erased = erased;
    this.judge = judge;
    this.concepts = concepts;
    this.judgeFolder = judgeFolder;
  }

  /** Draws, judges, and writes the picture. */
  EvaluationResult run(Pipeline base, Pipeline edited, Path sheet, ProgressListener progress) {
    Drawing drawing = Drawing.suiting(base, STEPS);
    PipelinePainter before = new PipelinePainter(base, drawing);
    PipelinePainter after = new PipelinePainter(edited, drawing);
    PromptForms forms = PromptForms.suiting(base.model().folder().tokenizerFolder(), judgeFolder);
    Set<String> candidates =
        new LinkedHashSet<>(concepts.map(ConceptList::drawn).orElse(judge.labels()));
    candidates.removeAll(erased);
    Neighbours neighbours = Neighbours.of(judge, erased.getFirst(), candidates);
    EvaluationPlan plan =
        new EvaluationPlan(
            erased,
            sample(neighbours.byLikeness()),
            Set.copyOf(concepts.map(ConceptList::vocabulary).orElse(List.of())),
            forms,
            ERASED_PICTURES,
            KEPT_PICTURES,
            SEED);
    EvaluationResult result =
        new Evaluation(judge, new ScoreCache(), drawing.batch()).run(before, after, plan, progress);
    List<String> shown = erased.subList(0, Math.min(NEIGHBOURS, erased.size()));
    Picture picture =
        new BeforeAfter(shown, neighbours.close(NEIGHBOURS), neighbours.far(NEIGHBOURS))
            .draw(String.join(", ", erased) + ": before and after", before, after, forms, 0, SEED);
    PngFile.write(sheet, picture, Map.of("sampler", drawing.toString(), "model", edited.hash()));
    return result;
  }

  /**
   * The nearer half of the sample are the nearest names, where damage is likeliest; the others lie
   * evenly behind.
   */
  private static List<String> sample(List<String> byLikeness) {
    if (byLikeness.size() <= KEPT_NAMES) {
      return byLikeness;
    }
    int near = KEPT_NAMES / 2;
    List<String> names = new ArrayList<>(byLikeness.subList(0, near));
    int rest = byLikeness.size() - near;
    for (int i = 0; i < KEPT_NAMES - near; i++) {
      names.add(byLikeness.get(near + i * rest / (KEPT_NAMES - near)));
    }
    return names;
  }
}
