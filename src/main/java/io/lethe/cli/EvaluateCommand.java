// lethe evaluate: is the concept gone, and is the rest still there?
package io.lethe.cli;

import io.lethe.api.EvaluationOutcome;
import io.lethe.api.Lethe;
import io.lethe.evaluate.EvaluationReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      names = "--vocabulary",
      paramLabel = "FILE",
      description =
          "The words that the eraser could use, one a line; PSR on the others is told apart."
              + " Default: those marked in concepts.json.")
  private Path vocabulary;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "9000",
      description =
          "First seed of the pictures; training never uses these (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "A new folder for the results.")
  private Path out;

  @Mixin private ProtocolOptions protocol;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::evaluate);
  }

  private int evaluate() {
    erased.forEach(name -> OptionChecks.notBlank("--erased", name));
    protocol.check();
    OptionChecks.seed("--seed", seed);
    Path baseFolder = base == null ? BundledModels.model() : base;
    OptionChecks.model("--model", model);
    OptionChecks.model("--base", baseFolder);
    Path judge = protocol.judge();
    OptionChecks.newPlace("--out", out);
    try (Lethe lethe = Lethe.open(baseFolder, main.threads());
        Progress progress = Progress.to(spec.commandLine().getErr())) {
      EvaluationOutcome outcome =
          lethe
              .judgedBy(judge)
              .progress(progress)
              .evaluate(model)
              .erased(erased)
              .with(protocol.settings(protocol.kept(), vocabularyFile(), seed))
              .save(out);
      print(new EvaluationReport(outcome.result()), outcome.summary());
    }
    return 0;
  }

  private Optional<Path> vocabularyFile() {
    return Optional.ofNullable(vocabulary).map(path -> OptionChecks.file("--vocabulary", path));
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
