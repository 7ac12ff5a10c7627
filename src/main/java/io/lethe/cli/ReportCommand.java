// lethe report: one page that shows what an erasure did, and how sure that is.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.Pipeline;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.Evaluation;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.EvaluationReport;
import io.lethe.evaluate.PipelinePainter;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.ScoreCache;
import io.lethe.report.ComparisonReport;
import io.lethe.report.ErasureReport;
import io.lethe.report.ErasureReport.Request;
import io.lethe.report.EvaluationFolder;
import io.lethe.report.PictureSource;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;

/** Gathers what there is, draws and judges what is missing, and writes the page. */
@Command(
    name = "report",
    header = "Writes one HTML page on an erasure, or on a comparison of several.",
    description = {
      "%nThe page says whether the concept is gone, what that cost and how sure it is; it shows"
          + " before and after by seed, rates with intervals, collateral damage, the search, the"
          + " attack, the configuration, and what was not looked at. It is one file, with its"
          + " pictures, and loads nothing.%n",
      "Without --evaluation both models are drawn and judged first, as lethe evaluate does.%n"
    },
    footer = {
      "  lethe report --model out/eap-lion-1 --out lion.html",
      "  lethe report --model out/eap-lion-1 --evaluation scores --attack attacked --out lion.html",
      "  lethe report --comparison out/compare --out compare.html"
    })
final class ReportCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The edited model, as lethe erase wrote it, with its metrics.json.")
  private Path model;

  @Option(
      names = "--comparison",
      paramLabel = "DIR",
      description = "A folder that lethe compare wrote, instead of one model.")
  private Path comparison;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "The model before the edit. Default: the bundled emoji-sd.")
  private Path base;

  @Option(
      names = "--judge",
      paramLabel = "DIR",
      description = "A CLIP model folder. Default: the bundled emoji-clip.")
  private Path judge;

  @Option(
      names = "--evaluation",
      paramLabel = "DIR",
      description = "What lethe evaluate wrote about this model. Default: evaluates now.")
  private Path evaluation;

  @Option(
      names = "--attack",
      paramLabel = "DIR",
      description = "What lethe attack wrote about this model.")
  private Path attack;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "What the judge ranks among: one name a line. Default: the judge's own concepts.json.")
  private Path labels;

  @Option(
      names = "--synonym",
      paramLabel = "TEXT",
      description = "Another name of the concept to draw; give the option again for more.")
  private List<String> synonyms = new ArrayList<>();

  @Option(
      names = "--kept",
      paramLabel = "TEXT",
      description =
          "A name to judge that should have stayed; repeatable. Default: all others that the model"
              + " draws.")
  private List<String> kept = new ArrayList<>();

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "32",
      description = "Pictures of each erased concept to judge (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(
      names = "--kept-images",
      paramLabel = "N",
      defaultValue = "2",
      description = "Pictures of each kept name to judge (default: ${DEFAULT-VALUE}).")
  private int keptImages;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "9000",
      description = "First seed of the pictures to judge (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "25",
      description = "Steps of the sampler (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--no-pictures",
      description =
          "Draw nothing: a page of figures alone, in seconds; needs --evaluation or --comparison.")
  private boolean noPictures;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The page to write.")
  private Path out;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::report);
  }

  private int report() {
    if ((model == null) == (comparison == null)) {
      throw new UserError(
          "a report is on one model or on a comparison: give either --model or --comparison");
    }
    kept.forEach(name -> OptionChecks.notBlank("--kept", name));
    synonyms.forEach(name -> OptionChecks.notBlank("--synonym", name));
    OptionChecks.between("--steps", steps, 1, 1000);
    OptionChecks.seed("--seed", seed);
    OptionChecks.newPlace("--out", out);
    if (attack != null) {
      OptionChecks.file("--attack", attack.resolve("attack.json")); // before minutes of work
    }
    if (noPictures) {
      withoutPictures();
    } else {
      withPictures();
    }
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      stdout.println(JsonNodeFactory.instance.objectNode().put("report", out.toString()));
    } else {
      stdout.println("written to " + out);
    }
    stdout.flush();
    return 0;
  }

  private void withoutPictures() {
    if (comparison != null) {
      ComparisonReport.write(comparison, out);
    } else if (evaluation == null) {
      throw new UserError("--no-pictures with --model needs --evaluation: nothing is judged then");
    } else {
      ErasureReport.write(out, request(EvaluationFolder.read(evaluation)), Optional.empty());
    }
  }

  private void withPictures() {
    Path baseFolder = base == null ? BundledModels.model() : base;
    Path judgeFolder = judge == null ? BundledModels.judge() : judge;
    OptionChecks.model("--base", baseFolder);
    OptionChecks.judge("--judge", judgeFolder);
    if (model != null) {
      OptionChecks.model("--model", model);
      OptionChecks.file("--model", model.resolve("metrics.json")); // before minutes of work
    }
    List<String> labelNames =
        labels == null ? List.of() : PromptForms.lines(OptionChecks.file("--labels", labels));
    try (Arena arena = Arena.ofShared();
        Cpu cpu = Compute.cpu(main);
        Pipeline basePipeline = Pipeline.open(baseFolder, cpu);
        Progress progress = Progress.to(spec.commandLine().getErr())) {
      ClipJudge clip = ClipJudge.open(judgeFolder, labelNames, cpu, arena);
      PromptForms forms =
          PromptForms.suiting(basePipeline.model().folder().tokenizerFolder(), judgeFolder);
      PictureSource pictures = new PictureSource(basePipeline, cpu, clip, forms, progress);
      if (comparison != null) {
        ComparisonReport.write(comparison, out, Optional.of(pictures));
        return;
      }
      EvaluationFolder judged =
          evaluation == null
              ? evaluate(pictures, ConceptList.ofFolder(judgeFolder))
              : EvaluationFolder.read(evaluation);
      ErasureReport.write(out, request(judged), Optional.of(pictures));
    }
  }

  /** The protocol of lethe evaluate with its defaults. */
  private EvaluationFolder evaluate(PictureSource pictures, Optional<ConceptList> concepts) {
    List<String> erased = ErasureReport.concepts(model);
    Set<String> others = new LinkedHashSet<>(kept);
    if (others.isEmpty()) {
      others.addAll(concepts.map(ConceptList::drawn).orElse(pictures.judge().labels()));
      erased.forEach(others::remove);
    }
    EvaluationPlan plan =
        new EvaluationPlan(
            erased,
            List.copyOf(others),
            Set.copyOf(concepts.map(ConceptList::vocabulary).orElse(List.of())),
            pictures.forms(),
            images,
            keptImages,
            seed);
    Drawing drawing = Drawing.suiting(pictures.base(), steps);
    try (Pipeline edited = Pipeline.open(model, pictures.backend())) {
      Evaluation protocol = new Evaluation(pictures.judge(), new ScoreCache(), drawing.batch());
      return EvaluationFolder.of(
          new EvaluationReport(
              protocol.run(
                  new PipelinePainter(pictures.base(), drawing),
                  new PipelinePainter(edited, drawing),
                  plan,
                  pictures.progress())));
    }
  }

  private Request request(EvaluationFolder judged) {
    String bundled = "src/main/models/emoji-sd";
    String baseName = base == null || BundledModels.isModel(base) ? bundled : base.toString();
    return new Request(model, judged, Optional.ofNullable(attack), synonyms, baseName);
  }
}
