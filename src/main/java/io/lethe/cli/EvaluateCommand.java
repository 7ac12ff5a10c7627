// lethe evaluate: is the concept gone, and is the rest still there?
package io.lethe.cli;

import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
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
import io.lethe.report.PngFile;
import io.lethe.weights.StagedFolder;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Draws with the base and the edited model from the same seeds, and has a CLIP judge both. */
@Command(
    name = "evaluate",
    header = "Measures whether a concept is gone and the others are still there.",
    description = {
      "%nDraws the erased and the kept concepts with both models, same prompts and seeds, and lets"
          + " a judge (a CLIP model) rank each picture among all its labels.%n",
      "  ESR-k  share of pictures of erased concepts that the judge does not see",
      "         among its k best labels (100 %%: gone)",
      "  PSR-k  share of pictures of kept concepts that it does see (100 %%: unharmed)",
      "%nSeveral prompt forms are used, not only the bare word. The intervals are bootstrapped over"
          + " prompts. Writes scores.csv (a row for each picture), summary.json and"
          + " before-after.png.%n"
    },
    footer = {
      "  lethe evaluate --model out/eap-lion-1 --erased lion --out lion-scores",
      "  lethe evaluate --model edited --base stable-diffusion-v1-4 --out scores \\",
      "      --judge clip-vit-base-patch32 --labels names.txt \\",
      "      --erased \"Van Gogh\" --kept Monet --kept Rembrandt"
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final int NEIGHBOURS = 3;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(names = "--model", paramLabel = "DIR", required = true, description = "The edited model.")
  private Path model;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "The model before the edit. Default: the bundled emoji-sd.")
  private Path base;

  @Option(
      names = "--erased",
      paramLabel = "TEXT",
      required = true,
      description = "A concept that should be gone; give the option again for more.")
  private List<String> erased;

  @Option(
      names = "--kept",
      paramLabel = "TEXT",
      description = "A concept that should stay. Default: all others that the model draws.")
  private List<String> kept = new ArrayList<>();

  @Option(
      names = "--judge",
      paramLabel = "DIR",
      description = "A CLIP model folder. Default: the bundled emoji-clip.")
  private Path judge;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "What the judge ranks among: one name a line, or a concepts.json. Default: the judge's"
              + " own concepts.json.")
  private Path labels;

  @Option(
      names = "--templates",
      paramLabel = "FILE",
      description = "Prompt forms, one a line, with {} where the name goes.")
  private Path templates;

  @Option(
      names = "--vocabulary",
      paramLabel = "FILE",
      description =
          "The words that the eraser could use, one a line; PSR on the others is told apart."
              + " Default: those marked in concepts.json.")
  private Path vocabulary;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "32",
      description = "Pictures of each erased concept (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(
      names = "--kept-images",
      paramLabel = "N",
      defaultValue = "2",
      description = "Pictures of each kept concept (default: ${DEFAULT-VALUE}).")
  private int keptImages;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "9000",
      description =
          "First seed of the pictures; training never uses these (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "25",
      description = "Steps of the sampler (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(names = "--guidance", paramLabel = "G", description = "Default: what suits the base.")
  private Double guidance;

  @Option(names = "--scheduler", paramLabel = "NAME", description = "Default: the base's own.")
  private String scheduler;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description = "Default: what the base was trained on.")
  private PictureSize size;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "A new folder for the results.")
  private Path out;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::evaluate);
  }

  private int evaluate() {
    erased.forEach(name -> OptionChecks.notBlank("--erased", name));
    kept.forEach(name -> OptionChecks.notBlank("--kept", name));
    OptionChecks.between("--steps", steps, 1, 1000);
    OptionChecks.seed("--seed", seed);
    Path baseFolder = base == null ? BundledModels.model() : base;
    Path judgeFolder = judge == null ? BundledModels.judge() : judge;
    OptionChecks.model("--model", model);
    OptionChecks.model("--base", baseFolder);
    OptionChecks.judge("--judge", judgeFolder);
    OptionChecks.newPlace("--out", out);
    long start = System.nanoTime();
    try (Arena arena = Arena.ofShared();
        StagedFolder staged = StagedFolder.create(out);
        Cpu cpu = Compute.cpu(main);
        Pipeline basePipeline = Pipeline.open(baseFolder, cpu);
        Pipeline editedPipeline = Pipeline.open(model, cpu);
        Progress progress = Progress.to(spec.commandLine().getErr())) {
      Optional<ConceptList> concepts = concepts(judgeFolder);
      ClipJudge clip = ClipJudge.open(judgeFolder, labelNames(concepts), cpu, arena);
      EvaluationPlan plan = plan(clip, concepts, forms(basePipeline, judgeFolder));
      Drawing drawing = drawing(basePipeline);
      PipelinePainter before = new PipelinePainter(basePipeline, drawing);
      PipelinePainter after = new PipelinePainter(editedPipeline, drawing);
      EvaluationResult result =
          new Evaluation(clip, new ScoreCache(), drawing.batch())
              .run(before, after, plan, progress);
      EvaluationReport report = new EvaluationReport(result);
      Map<String, Number> measured = new LinkedHashMap<>();
      measured.put("seconds", (System.nanoTime() - start) / 1e9);
      measured.put("unet_passes", basePipeline.unetPasses() + editedPipeline.unetPasses());
      report.write(staged.path(), measured);
      Picture sheet = sheet(clip, plan).draw(title(), before, after, plan.forms(), 0, seed);
      PngFile.write(staged.path().resolve("before-after.png"), sheet, Map.of());
      staged.commit();
      print(report, report.summary(measured));
    }
    return 0;
  }

  /** The list that marks what is drawn and what the eraser could use, where there is one. */
  private Optional<ConceptList> concepts(Path judgeFolder) {
    if (labels == null) {
      return ConceptList.ofFolder(judgeFolder);
    }
    OptionChecks.file("--labels", labels);
    return isJson(labels) ? Optional.of(ConceptList.read(labels)) : Optional.empty();
  }

  private static boolean isJson(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".json");
  }

  private List<String> labelNames(Optional<ConceptList> concepts) {
    if (labels == null) {
      return List.of();
    }
    return concepts.map(ConceptList::names).orElseGet(() -> PromptForms.lines(labels));
  }

  private PromptForms forms(Pipeline pipeline, Path judgeFolder) {
    return templates == null
        ? PromptForms.suiting(pipeline.model().folder().tokenizerFolder(), judgeFolder)
        : PromptForms.read(OptionChecks.file("--templates", templates));
  }

  private EvaluationPlan plan(ClipJudge clip, Optional<ConceptList> concepts, PromptForms forms) {
    Set<String> keptNames = new LinkedHashSet<>(kept);
    if (keptNames.isEmpty()) {
      keptNames.addAll(concepts.map(ConceptList::drawn).orElse(clip.labels()));
      keptNames.removeAll(erased);
    }
    Set<String> known =
        new HashSet<>(
            vocabulary == null
                ? concepts.map(ConceptList::vocabulary).orElse(List.of())
                : PromptForms.lines(OptionChecks.file("--vocabulary", vocabulary)));
    List<String> distinct = List.copyOf(new LinkedHashSet<>(erased));
    return new EvaluationPlan(
        distinct, List.copyOf(keptNames), known, forms, images, keptImages, seed);
  }

  private Drawing drawing(Pipeline pipeline) {
    Drawing own = Drawing.suiting(pipeline, steps);
    return new Drawing(
        steps,
        guidance == null ? own.guidance() : guidance,
        scheduler == null ? own.scheduler() : scheduler,
        size == null ? own.height() : size.height(),
        size == null ? own.width() : size.width());
  }

  private BeforeAfter sheet(ClipJudge clip, EvaluationPlan plan) {
    List<String> shown = plan.erased().subList(0, Math.min(NEIGHBOURS, plan.erased().size()));
    Neighbours neighbours = Neighbours.of(clip, shown.getFirst(), plan.kept());
    return new BeforeAfter(shown, neighbours.close(NEIGHBOURS), neighbours.far(NEIGHBOURS));
  }

  private String title() {
    return String.join(", ", erased) + ": before and after";
  }

  private void print(EvaluationReport report, ObjectNode summary) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      stdout.println(summary.toPrettyString());
    } else {
      stdout.print(report.table());
      String damage = report.damage(10);
      if (!damage.isEmpty()) {
        stdout.printf("%nkept concepts that lost most (PSR-1):%n%s", damage);
      }
      stdout.printf("%nwritten to %s%n", out);
    }
    stdout.flush();
  }
}
