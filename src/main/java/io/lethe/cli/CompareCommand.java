// lethe compare: methods beside each other, on the same concepts, seeds and pictures.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.api.EvaluationSettings;
import io.lethe.api.Lethe;
import io.lethe.api.ModelEvaluation;
import io.lethe.compare.CellJob;
import io.lethe.compare.CellResult;
import io.lethe.compare.CellRun;
import io.lethe.compare.Comparison;
import io.lethe.compare.ComparisonSummary;
import io.lethe.compare.Grid;
import io.lethe.compare.Protocol;
import io.lethe.erase.ErasureRun;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Runs the grid of methods, concepts and seeds; what is there already is not run again. */
@Command(
    name = "compare",
    header = "Compares methods: each with each concept and seed, judged alike.",
    description = {
      "%nErases every concept with every method from every seed, evaluates each edited model as"
          + " 'lethe evaluate' does, and writes results.csv (a row a cell), measured.csv (times and"
          + " memory), summary.json (means and paired differences with intervals) and report.html."
          + " The base model's pictures are drawn once for all.%n",
      "Interrupted, it goes on with what is missing when it is started again; more methods,"
          + " concepts and seeds can be added to a comparison in the same way. Several processes"
          + " may work on one comparison at once. A cell that fails does not stop the others; the"
          + " exit code is then 3.%n"
    },
    footer = {
      "  lethe compare --methods eap,esd,few-shot --concepts lion,taxi --seeds 3 --out grid",
      "  lethe compare --methods esd,esd:steps=40,esd:steps=40:lr=1e-3 --concepts lion --out steps",
      "  lethe compare --methods esd --concepts lion,owl --plan-only --out grid",
      "  for cell in grid/cells/*/cell.json; do lethe run-cell $cell; done"
    })
final class CompareCommand implements Callable<Integer> {
  private static final int MOST_SEEDS = 1000;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "The model to erase from. Default: the bundled emoji-sd.")
  private Path model;

  @Option(
      names = "--methods",
      paramLabel = "NAME[:OPTION=VALUE...]",
      required = true,
      split = ",",
      description = "The methods, separated by commas, each with its own options where needed.")
  private List<String> methods;

  @Option(
      names = "--concepts",
      paramLabel = "TEXT",
      required = true,
      split = ",",
      description = "The concepts to erase, separated by commas; each is a cell of its own.")
  private List<String> concepts;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Erase from the seeds 0 to N-1 (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--preserve",
      paramLabel = "TEXT",
      description = "A name to protect beside those that the methods find; repeatable.")
  private List<String> preserve = new ArrayList<>();

  @Option(
      names = "--vocabulary",
      paramLabel = "FILE|tokenizer",
      description = "Words that the methods may protect. Default: as for 'lethe erase'.")
  private String vocabulary;

  @Option(
      names = "--kept-every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Evaluate only every N-th of the kept concepts.")
  private int keptEvery;

  @Option(
      names = "--evaluation-seed",
      paramLabel = "N",
      defaultValue = "9000",
      description = "First seed of the pictures (default: ${DEFAULT-VALUE}).")
  private long evaluationSeed;

  @Option(
      names = "--discard-models",
      description = "Keep of each edited model only metrics.json and before-after.png.")
  private boolean discardModels;

  @Option(names = "--retry-failed", description = "Try again the cells that have failed.")
  private boolean retryFailed;

  @Option(
      names = "--no-pictures",
      description = "Write report.html without drawing, from the figures alone.")
  private boolean noPictures;

  @Option(
      names = "--plan-only",
      description = "Write the jobs for 'lethe run-cell', name them, and stop.")
  private boolean planOnly;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "A folder for the comparison, new or begun before.")
  private Path out;

  @Mixin private ProtocolOptions protocol;

  @ArgGroup(validate = false, heading = "%nAttack (each cell's model, after its evaluation):%n")
  private CellAttackGroup attack = new CellAttackGroup();

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::compare);
  }

  private int compare() {
    check();
    Path base = model == null ? BundledModels.model() : model;
    OptionChecks.model("--model", base);
    Path clip = protocol.judge();
    try (Lethe lethe = Lethe.open(base, main.threads());
        Progress progress = Progress.to(spec.commandLine().getErr());
        CancelSwitch cancel = CancelSwitch.install()) {
      lethe.judgedBy(clip);
      Comparison comparison = new Comparison(lethe, out);
      Grid grid = comparison.plan(grid(lethe, base, clip));
      if (planOnly) {
        return names(grid);
      }
      try {
        CellRun.Settings settings = new CellRun.Settings(retryFailed, discardModels);
        comparison.run(grid, settings, cancel, new Watch(lethe, progress));
      } catch (ErasureRun.Cancelled cancelled) {
        say(cancelled.getMessage() + "; the same command goes on");
        return ErrorLine.INTERRUPTED;
      }
      lethe.progress(progress);
      ComparisonSummary summary = comparison.summarise();
      comparison.report(!noPictures);
      return report(summary);
    }
  }

  private void check() {
    concepts.forEach(name -> OptionChecks.notBlank("--concepts", name));
    protocol.check();
    preserve.forEach(name -> OptionChecks.notBlank("--preserve", name));
    OptionChecks.between("--seeds", seeds, 1, MOST_SEEDS);
    OptionChecks.between("--kept-every", keptEvery, 1, 10_000);
    OptionChecks.seed("--evaluation-seed", evaluationSeed);
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UserError("--out " + OptionChecks.quote(out) + " is a file");
    }
    OptionChecks.writableAbove("--out", out);
  }

  private Grid grid(Lethe lethe, Path base, Path clip) {
    ModelEvaluation evaluation = lethe.evaluate(base).with(settings(protocol.kept()));
    return new Grid(
        Grid.FORMAT,
        absolute(base),
        lethe.hash(),
        absolute(clip),
        evaluation.judge().id(),
        methods.stream().map(String::strip).toList(),
        concepts.stream().map(String::strip).toList(),
        LongStream.range(0, seeds).boxed().toList(),
        preserve,
        vocabulary == null || vocabulary.equals("tokenizer")
            ? vocabulary
            : absolute(vocabularyFile().orElseThrow()),
        Protocol.of(settings(keptEvery == 1 ? protocol.kept() : sample(evaluation.plan().kept()))),
        attack.attack());
  }

  private List<String> sample(List<String> names) {
    List<String> sample = new ArrayList<>();
    for (int i = 0; i < names.size(); i += keptEvery) {
      sample.add(names.get(i));
    }
    return sample;
  }

  private EvaluationSettings settings(List<String> keptNames) {
    return protocol.settings(keptNames, vocabularyFile(), evaluationSeed);
  }

  private Optional<Path> vocabularyFile() {
    return Optional.ofNullable(vocabulary)
        .filter(given -> !given.equals("tokenizer"))
        .map(given -> OptionChecks.file("--vocabulary", Path.of(given)));
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }

  private int names(Grid grid) {
    PrintWriter stdout = spec.commandLine().getOut();
    for (Grid.Cell cell : grid.cells(out)) {
      stdout.println(cell.folder().resolve(CellJob.FILE));
    }
    stdout.flush();
    return 0;
  }

  private int report(ComparisonSummary summary) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      stdout.println(summary.json());
    } else {
      stdout.print(ComparisonLines.table(summary));
      stdout.printf("written to %s%n", out);
    }
    stdout.flush();
    return summary.failed().isEmpty() ? 0 : ErrorLine.INCOMPLETE;
  }

  private void say(String line) {
    PrintWriter writer = main.json() ? spec.commandLine().getErr() : spec.commandLine().getOut();
    writer.println(line);
    writer.flush();
  }

  /** Names the cell in what is said of its stages, and a line for each that ends. */
  private final class Watch implements Comparison.Listener {
    private final Lethe lethe;
    private final Progress progress;

    Watch(Lethe lethe, Progress progress) {
      this.lethe = lethe;
      this.progress = progress;
    }

    @Override
    public void begins(CellJob job, int done, int all) {
      String cell = "[%d/%d] ".formatted(done + 1, all);
      lethe.progress((stage, part, whole) -> progress.progress(cell + stage, part, whole));
    }

    @Override
    public void ends(CellResult result, int done, int all, double secondsLeft) {
      progress.close();
      say("[%d/%d] %s".formatted(done, all, ComparisonLines.line(result, secondsLeft)));
    }
  }
}
