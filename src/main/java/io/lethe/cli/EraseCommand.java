// lethe erase: makes a model forget a concept, and shows that it did.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.api.Erasure;
import io.lethe.api.ErasureCost;
import io.lethe.api.ErasureOutcome;
import io.lethe.api.Lethe;
import io.lethe.api.ProcessMemory;
import io.lethe.erase.ErasureRun;
import io.lethe.erase.MethodChoice;
import io.lethe.evaluate.EvaluationReport;
import io.lethe.evaluate.PromptForms;
import io.lethe.report.Amounts;
import io.lethe.tensor.DType;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Trains an edited copy of a model, writes it, and measures both. */
@Command(
    name = "erase",
    header = "Makes a model forget a concept, and shows that it did.",
    description = {
      "%nTrains a copy of the model so that the concept is gone and everything else stays, writes"
          + " it as a complete model folder, reads it back, and has a judge compare both. Without"
          + " arguments it erases a concept from the bundled model.%n",
      "  eap       adversarial preservation: protects what erasing hurts most (default)",
      "  esd       negative guidance distilled into the weights",
      "  few-shot  pushes the text encoder away from a few pictures; seconds",
      "  uce       closed form: the concept's words read as another prompt's",
      "  rece      closed form: and so do the embeddings that would bring it back",
      "  speed     closed form: in the null space of what is preserved; values alone as published",
      "  minimax   closed form: the worst-hurt word of a vocabulary is hurt least",
      "  reach     closed form, experimental: out of the reach of any single embedding",
      "%nThe folder holds the model, before-after.png and metrics.json; from the closed-form"
          + " methods also edit.safetensors, a small file that lethe apply folds into other models."
          + " Embeddings of large vocabularies are kept for the next run in ~/.cache/lethe;"
          + " LETHE_CACHE=DIR keeps them elsewhere, LETHE_CACHE=off nowhere.%n"
    },
    footer = {
      "  lethe erase",
      "  lethe erase --concept lion --concept taxi",
      "  lethe erase --method few-shot --concept strawberry --out out/no-strawberry",
      "  lethe erase --model stable-diffusion-v1-4 --concept \"Van Gogh\" --method esd --dry-run"
    })
final class EraseCommand implements Callable<Integer> {
  private static final double LONG_SECONDS = 3600;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "The model to edit, a diffusers folder; it is not changed. Default: the bundled"
              + " emoji-sd.")
  private Path model;

  @Option(
      names = "--concept",
      paramLabel = "TEXT",
      description =
          "What to erase, as it stands in prompts; give the option again for more. Default with the"
              + " bundled model: lion.")
  private List<String> concepts = new ArrayList<>();

  @Option(
      names = "--erase-from",
      paramLabel = "TEXT",
      description =
          "ESD: take the concept out of this prompt instead of its own; one for each --concept.")
  private List<String> eraseFrom = new ArrayList<>();

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "eap",
      description =
          "eap, esd, few-shot, uce, rece, speed, minimax, reach, or one that a jar in"
              + " LETHE_CLASSPATH brings (default: ${DEFAULT-VALUE}).")
  private String method;

  @Option(
      names = "--preserve",
      paramLabel = "TEXT",
      description = "A name to protect beside those that the method finds; repeatable.")
  private List<String> preserve = new ArrayList<>();

  @Option(
      names = "--vocabulary",
      paramLabel = "FILE|tokenizer",
      description =
          "Words that the search may protect: a file with one a line, or the tokenizer's own whole"
              + " words. Default: the names marked in the judge's concepts.json, else tokenizer.")
  private String vocabulary;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Few-shot: pictures of the concept. Default: the model draws them itself.")
  private Path images;

  @Option(
      names = "--judge",
      paramLabel = "DIR",
      description = "A CLIP model folder. Default with the bundled model: the bundled emoji-clip.")
  private Path judge;

  @Option(
      names = "--no-evaluation",
      description = "Write the edited model and stop: no drawing, no judging.")
  private boolean noEvaluation;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "A new folder for the edited model. Default: out/METHOD-CONCEPT-N.")
  private Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of all that is drawn at random (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Store weights as F32, F16 or BF16. Default: as the base has them.")
  private String dtype;

  @Option(names = "--dry-run", description = "Say what it would cost, and stop.")
  private boolean dryRun;

  @Option(
      names = "--resume",
      description = "Go on with an interrupted run, to the same bytes; give the same options.")
  private boolean resume;

  @ArgGroup(validate = false, heading = "%nOptions of the methods (defaults suit the model):%n")
  private MethodOptionGroup methodOptions = new MethodOptionGroup();

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::erase);
  }

  private int erase() {
    concepts.forEach(name -> OptionChecks.notBlank("--concept", name));
    preserve.forEach(name -> OptionChecks.notBlank("--preserve", name));
    OptionChecks.seed("--seed", seed);
    Path base = model == null ? BundledModels.model() : model;
    OptionChecks.model("--model", base);
    boolean bundled = BundledModels.isModel(base);
    if (concepts.isEmpty()) {
      if (!bundled) {
        throw new UserError("--concept is missing: name what the model should forget");
      }
      concepts.add("lion");
    }
    Path judgeFolder = judge != null ? judge : bundled ? BundledModels.judge() : null;
    if (judgeFolder != null) {
      OptionChecks.judge("--judge", judgeFolder);
    }
    out = out == null ? freshOut() : OptionChecks.newPlace("--out", out);
    try (Lethe lethe = Lethe.open(base, main.threads());
        Progress progress = Progress.to(spec.commandLine().getErr());
        CancelSwitch cancel = CancelSwitch.install()) {
      lethe.progress(progress);
      Optional.ofNullable(judgeFolder).ifPresent(lethe::judgedBy);
      return run(lethe, erasure(lethe).cancelledBy(cancel));
    }
  }

  private Erasure erasure(Lethe lethe) {
    Erasure erasure =
        lethe
            .erase(concepts)
            .with(new MethodChoice(method, methodOptions.given()))
            .from(eraseFrom)
            .preserve(preserve)
            .seed(seed)
            .checked(!noEvaluation)
            .resume(resume)
            .log(this::say);
    if (dtype != null) {
      erasure.dtype(storageType(dtype));
    }
    if (images != null) {
      erasure.pictures(PictureFolder.read("--images", images));
    }
    if ("tokenizer".equals(vocabulary)) {
      erasure.tokenizerVocabulary();
    } else if (vocabulary != null) {
      Path file = OptionChecks.file("--vocabulary", Path.of(vocabulary));
      erasure.vocabulary(PromptForms.lines(file));
    }
    return erasure;
  }

  private int run(Lethe lethe, Erasure erasure) {
    announce(lethe, erasure.estimate());
    if (dryRun) {
      return 0;
    }
    ErasureOutcome outcome;
    try {
      outcome = erasure.save(out);
    } catch (ErasureRun.Cancelled cancelled) {
      say(
          "%s; to go on: the same command with --resume --out %s"
              .formatted(cancelled.getMessage(), out));
      return ErrorLine.INTERRUPTED;
    }
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      stdout.println(outcome.metrics().toPrettyString());
    } else {
      outcome.evaluation().ifPresent(result -> stdout.print(new EvaluationReport(result).table()));
    }
    stdout.flush();
    outcome.verdict().ifPresent(this::say);
    if (lethe.judgeFolder().isEmpty() && !noEvaluation) {
      say("not judged: name a CLIP model with --judge to measure what was erased and kept");
    }
    ProcessMemory.peakResidentBytes().ifPresent(peak -> say("peak memory " + Amounts.bytes(peak)));
    say("written to " + out);
    return 0;
  }

  private void announce(Lethe lethe, ErasureCost cost) {
    say(
        "%s erases %s from %s: %s"
            .formatted(
                method,
                String.join(", ", concepts),
                lethe.model().folder().path(),
                cost.describe()));
    if (cost.seconds() > LONG_SECONDS) {
      say(
          method.equals("few-shot")
              ? "  cheaper: fewer --pictures or --epochs"
              : "  cheaper: --method few-shot (minutes), fewer --steps, or fewer --levels and"
                  + " --trajectories, which fill the pool");
    }
  }

  private void say(String line) {
    PrintWriter writer = main.json() ? spec.commandLine().getErr() : spec.commandLine().getOut();
    writer.println(line);
    writer.flush();
  }

  /**
   * {@code out/METHOD-CONCEPT-N} with the first N that is free, or, to resume, the last one left
   * unfinished.
   */
  private Path freshOut() {
    String concept =
        String.join("-", concepts).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
    String name = method + "-" + concept.substring(0, Math.min(40, concept.length())) + "-";
    Path parent = Path.of("out");
    int n = 1;
    while (Files.exists(parent.resolve(name + n))
        || !resume && Files.exists(Erasure.workFolder(parent.resolve(name + n)))) {
      n++;
    }
    return parent.resolve(name + n);
  }

  private static DType storageType(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "F32" -> DType.F32;
      case "F16" -> DType.F16;
      case "BF16" -> DType.BF16;
      default -> throw new UserError("--dtype '" + name + "' is none of F32, F16, BF16");
    };
  }
}
