// The comparison of an edited model with its base, as lethe evaluate makes it.
package io.lethe.api;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.erase.ErasureRun;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.Evaluation;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.EvaluationReport;
import io.lethe.evaluate.EvaluationResult;
import io.lethe.evaluate.Neighbours;
import io.lethe.evaluate.PipelinePainter;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.ScoreCache;
import io.lethe.evaluate.ScoredPicture;
import io.lethe.report.PngFile;
import io.lethe.weights.Printable;
import io.lethe.weights.StagedFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What to compare, begun by {@link Lethe#evaluate}: draws the erased and the kept names with both
 * models, same prompts and seeds, and has the judge rank each picture among all its labels.
 */
public final class ModelEvaluation {
  private static final int NEIGHBOURS = 3;

  private final Lethe lethe;
  private final Path edited;
  private List<String> erased = List.of();
  private EvaluationSettings settings = EvaluationSettings.full();
  private ScoreCache cache = new ScoreCache();
  private BooleanSupplier cancelled = () -> false;

  ModelEvaluation(Lethe lethe, Path edited) {
    this.lethe = lethe;
    this.edited = edited;
  }

  /**
   * Names what should be gone.
   *
   * @param concepts at least one
   * @return this
   */
  public ModelEvaluation erased(String... concepts) {
    return erased(List.of(concepts));
  }

  /**
   * Names what should be gone.
   *
   * @param concepts at least one
   * @return this
   */
  public ModelEvaluation erased(List<String> concepts) {
    erased = List.copyOf(new LinkedHashSet<>(concepts));
    return this;
  }

  /**
   * Sets the protocol; without it the full one is used.
   *
   * @param protocol names, counts and drawing
   * @return this
   */
  public ModelEvaluation with(EvaluationSettings protocol) {
    settings = protocol;
    return this;
  }

  /**
   * Brings pictures that were judged before, such as those of the base.
   *
   * @param scores looked up first, and added to
   * @return this
   */
  public ModelEvaluation scores(ScoreCache scores) {
    cache = scores;
    return this;
  }

  /**
   * Lets somebody interrupt: {@link #save} then leaves nothing behind and raises {@link
   * ErasureRun.Cancelled}.
   *
   * @param when asked between batches of pictures
   * @return this
   */
  public ModelEvaluation cancelledBy(BooleanSupplier when) {
    cancelled = when;
    return this;
  }

  /**
   * Draws pictures with the base alone and has them judged, such as those that several evaluations
   * share.
   *
   * @param plan names, prompt forms, counts and seeds
   * @return a row a picture, in the plan's order
   */
  public List<ScoredPicture> judgeBase(EvaluationPlan plan) {
    Drawing drawing = drawing();
    return new Evaluation(judge(), cache, drawing.batch())
        .score(
            new PipelinePainter(base(), drawing, lethe.hash()),
            ScoredPicture.BASE,
            plan,
            progress(),
            "judging the base model");
  }

  /**
   * The pictures that will be drawn.
   *
   * @return names, prompt forms, counts and seeds
   * @throws UserError if a name stands on both sides, or a count is out of range
   */
  public EvaluationPlan plan() {
    Optional<ConceptList> concepts = concepts();
    Set<String> kept = new LinkedHashSet<>(settings.kept());
    if (kept.isEmpty()) {
      kept.addAll(concepts.map(ConceptList::drawn).orElseGet(() -> judge().labels()));
      erased.forEach(kept::remove);
    }
    Set<String> known =
        new HashSet<>(
            settings
                .vocabulary()
                .map(PromptForms::lines)
                .orElseGet(() -> concepts.map(ConceptList::vocabulary).orElse(List.of())));
    return new EvaluationPlan(
        erased,
        List.copyOf(kept),
        known,
        forms(),
        settings.images(),
        settings.keptImages(),
        settings.seed());
  }

  /**
   * Draws, judges, and writes scores.csv, summary.json and before-after.png.
   *
   * @param out a new folder, written beside and moved
   * @return what was found
   * @throws UserError if a name is no label of the judge, or the folder exists
   */
  public EvaluationOutcome save(Path out) {
    long start = System.nanoTime();
    ClipJudge judge = judge();
    try (StagedFolder staged = StagedFolder.create(out);
        Pipeline after = Pipeline.open(edited, lethe.backend())) {
      EvaluationPlan plan = plan();
      Pipeline before = base();
      Drawing drawing = drawing();
      PipelinePainter base = new PipelinePainter(before, drawing, lethe.hash());
      PipelinePainter painter = new PipelinePainter(after, drawing);
      EvaluationResult result =
          new Evaluation(judge, cache, drawing.batch()).run(base, painter, plan, progress());
      Map<String, Number> measured = new LinkedHashMap<>();
      measured.put("seconds", (System.nanoTime() - start) / 1e9);
      measured.put("unet_passes", before.unetPasses() + after.unetPasses());
      EvaluationReport report = new EvaluationReport(result);
      report.write(staged.path(), measured);
      String title = String.join(", ", erased) + ": before and after";
      Picture sheet = sheet(judge, plan).draw(title, base, painter, plan.forms(), 0, plan.seed());
      PngFile.write(staged.path().resolve("before-after.png"), sheet, Map.of());
      staged.commit();
      return new EvaluationOutcome(out, result, report.summary(measured));
    }
  }

  /**
   * How the pictures are drawn.
   *
   * @return sampler, steps, guidance and size that hold
   */
  public Drawing drawing() {
    Drawing own = Drawing.suiting(base(), settings.steps());
    return new Drawing(
        settings.steps(),
        settings.guidance().orElse(own.guidance()),
        settings.scheduler().orElse(own.scheduler()),
        settings.height() == 0 ? own.height() : settings.height(),
        settings.width() == 0 ? own.width() : settings.width());
  }

  /**
   * Who judges.
   *
   * @return the session's judge, with the labels of these settings
   */
  public ClipJudge judge() {
    return lethe.judge(
        settings
            .labels()
            .map(
                file -> concepts().map(ConceptList::names).orElseGet(() -> PromptForms.lines(file)))
            .orElse(List.of()));
  }

  private Pipeline base() {
    return Pipeline.over(lethe.model(), lethe.backend(), lethe.model().textEncoder());
  }

  private ProgressListener progress() {
    return (stage, done, total) -> {
      if (cancelled.getAsBoolean()) {
        throw new ErasureRun.Cancelled("interrupted while judging");
      }
      lethe.progress().progress(stage, done, total);
    };
  }

  /** The list that marks what is drawn and what the eraser could use, where there is one. */
  private Optional<ConceptList> concepts() {
    if (settings.labels().isEmpty()) {
      return lethe.judgeFolder().flatMap(ConceptList::ofFolder);
    }
    Path labels = settings.labels().get();
    requireFile("labels", labels);
    boolean json = labels.toString().toLowerCase(Locale.ROOT).endsWith(".json");
    return json ? Optional.of(ConceptList.read(labels)) : Optional.empty();
  }

  private PromptForms forms() {
    return settings
        .forms()
        .map(PromptForms::read)
        .orElseGet(() ->
            PromptForms.suiting(
                lethe.model().folder().tokenizerFolder(), lethe.judgeFolder().orElseThrow()));
  }

  private static void requireFile(String what, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserError(what + ": there is no file " + Printable.quote(file.toString()));
    }
  }

  private static BeforeAfter sheet(ClipJudge judge, EvaluationPlan plan) {
    if (plan.erased().isEmpty()) {
      throw new UserError("name at least one erased concept");
    }
    List<String> shown = plan.erased().subList(0, Math.min(NEIGHBOURS, plan.erased().size()));
    Neighbours neighbours = Neighbours.of(judge, shown.getFirst(), plan.kept());
    return new BeforeAfter(shown, neighbours.close(NEIGHBOURS), neighbours.far(NEIGHBOURS));
  }
}
