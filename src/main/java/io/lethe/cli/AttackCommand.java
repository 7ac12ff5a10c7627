// lethe attack: is the concept gone, or was only its name blocked?
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.api.AttackOutcome;
import io.lethe.api.AttackSettings;
import io.lethe.api.Lethe;
import io.lethe.api.ModelAttack;
import io.lethe.attack.TextualInversion;
import io.lethe.erase.ErasureRun;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Tries to bring an erased concept back, and reports how often that succeeds. */
@Command(
    name = "attack",
    header = "Tries to bring an erased concept back: is it gone, or only its name?",
    description = {
      "%nAn edit that only blocks a name leaves the concept in the weights. This attack looks for"
          + " another way in: from pictures of the concept, which the base model draws, it learns"
          + " an embedding that makes the edited model draw it again. The weights stay as they"
          + " are. A judge (a CLIP model) counts the pictures in which it names the concept"
          + " first.%n",
      "  word     one embedding, as a new word of the prompt would have (default);",
      "           what anyone with the model can do: textual inversion",
      "  context  the whole text context; an attacker who goes round the text encoder",
      "%nSeveral restarts begin at other words and at random. How to read the rates: the same"
          + " attack with --model BASE is the upper bound, --steps 0 the lower one; a concept that"
          + " comes back nearly always was never removed. A low rate is no proof: another attack"
          + " may succeed.%n",
      "The folder holds attack.json (the rates with 95 %% intervals, the settings), attack.png"
          + " (what base, edit and each restart draw) and embedding.safetensors (the best"
          + " restart's; a word's opens as a textual-inversion embedding).%n"
    },
    footer = {
      "  lethe attack --model out/eap-lion-1 --concept lion",
      "  lethe attack --model out/eap-lion-1 --concept lion --embedding context",
      "  lethe attack --model src/main/models/emoji-sd --concept lion   # the upper bound",
      "  lethe attack --model edited --base stable-diffusion-v1-4 --concept \"Van Gogh\" \\",
      "      --judge clip-vit-base-patch32 --labels names.txt --dry-run"
    })
final class AttackCommand implements Callable<Integer> {
  private static final int MOST = 1000;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = TextualInversion.NAME,
      description = "textual-inversion (default).")
  private String method;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The edited model; it is not changed.")
  private Path model;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "The model before the edit. Default: the bundled emoji-sd.")
  private Path base;

  @Option(
      names = "--concept",
      paramLabel = "TEXT",
      required = true,
      description = "What should be gone, as it stands in prompts and among the judge's labels.")
  private String concept;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Pictures of the concept to learn from. Default: the base model draws them.")
  private Path images;

  @Option(
      names = "--embedding",
      paramLabel = "KIND",
      defaultValue = "word",
      description = "What is learned: word or context (default: ${DEFAULT-VALUE}).")
  private String embedding;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "300",
      description = "Of each restart; 0 judges the starts (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--restarts",
      paramLabel = "N",
      defaultValue = "3",
      description = "Searches from different starts (default: ${DEFAULT-VALUE}).")
  private int restarts;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Noisy pictures in a step. Default: what suits the model.")
  private Integer batch;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "Learning rate of AdamW. Default: what suits the model.")
  private Double learningRate;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      description = "Pictures that the base draws to learn from. Default: 25.")
  private Integer pictures;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Pictures that each rate is counted over. Default: 64, of large models 16.")
  private Integer count;

  @Option(
      names = "--drawing-steps",
      paramLabel = "N",
      description = "Steps of the sampler for all pictures. Default: 25.")
  private Integer drawingSteps;

  @Option(
      names = "--judge",
      paramLabel = "DIR",
      description = "A CLIP model folder. Default: the bundled emoji-clip.")
  private Path judge;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "What the judge ranks among, one name a line. Default: the judge's own concepts.json.")
  private Path labels;

  @Option(
      names = "--templates",
      paramLabel = "FILE",
      description = "Prompt forms, one a line, with {} where the name goes.")
  private Path templates;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of starts, noise and timesteps (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "A new folder for the results. Default: out/attack-CONCEPT-N.")
  private Path out;

  @Option(names = "--dry-run", description = "Say what it would cost, and stop.")
  private boolean dryRun;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::attack);
  }

  private int attack() {
    if (!method.equals(TextualInversion.NAME)) {
      throw new UserError("there is no attack '" + method + "'; known: " + TextualInversion.NAME);
    }
    OptionChecks.notBlank("--concept", concept);
    OptionChecks.between("--steps", steps, 0, 1_000_000);
    OptionChecks.between("--restarts", restarts, 1, MOST);
    OptionChecks.seed("--seed", seed);
    between("--batch", batch);
    between("--pictures", pictures);
    between("--count", count);
    between("--drawing-steps", drawingSteps);
    if (learningRate != null) {
      OptionChecks.between("--lr", learningRate, 0, MOST);
    }
    Path baseFolder = base == null ? BundledModels.model() : base;
    Path judgeFolder = judge == null ? BundledModels.judge() : judge;
    OptionChecks.model("--model", model);
    OptionChecks.model("--base", baseFolder);
    OptionChecks.judge("--judge", judgeFolder);
    if (labels != null) {
      OptionChecks.file("--labels", labels);
    }
    if (templates != null) {
      OptionChecks.file("--templates", templates);
    }
    out = out == null ? freshOut() : OptionChecks.newPlace("--out", out);
    try (Lethe lethe = Lethe.open(baseFolder, main.threads());
        Progress progress = Progress.to(spec.commandLine().getErr());
        CancelSwitch cancel = CancelSwitch.install()) {
      lethe.judgedBy(judgeFolder).progress(progress);
      return run(attack(lethe).cancelledBy(cancel));
    }
  }

  private ModelAttack attack(Lethe lethe) {
    ModelAttack attack =
        lethe
            .attack(model, concept)
            .seed(seed)
            .with(
                new AttackSettings(
                    TextualInversion.Embedding.named(embedding),
                    steps,
                    restarts,
                    optional(batch),
                    learningRate == null ? OptionalDouble.empty() : OptionalDouble.of(learningRate),
                    optional(pictures),
                    optional(count),
                    optional(drawingSteps)));
    if (images != null) {
      attack.pictures(PictureFolder.read("--images", images));
    }
    if (labels != null) {
      attack.labels(labels);
    }
    if (templates != null) {
      attack.forms(templates);
    }
    return attack;
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private int run(ModelAttack attack) {
    say(
        "%s tries to bring %s back in %s: %s"
            .formatted(TextualInversion.NAME, concept, model, attack.estimate().describe()));
    if (dryRun) {
      return 0;
    }
    AttackOutcome outcome;
    try {
      outcome = attack.save(out);
    } catch (ErasureRun.Cancelled cancelled) {
      return ErrorLine.INTERRUPTED;
    }
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      stdout.println(outcome.summary().toPrettyString());
    } else {
      stdout.print(AttackLines.table(outcome.result()));
    }
    stdout.flush();
    say(AttackLines.verdict(outcome.result()));
    say("written to " + out);
    return 0;
  }

  /** {@code out/attack-CONCEPT-N} with the first N that is free. */
  private Path freshOut() {
    String slug = concept.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
    String name = "attack-" + slug.substring(0, Math.min(40, slug.length())) + "-";
    int n = 1;
    while (Files.exists(Path.of("out", name + n))) {
      n++;
    }
    return Path.of("out", name + n);
  }

  private void say(String line) {
    PrintWriter writer = main.json() ? spec.commandLine().getErr() : spec.commandLine().getOut();
    writer.println(line);
    writer.flush();
  }

  private static void between(String option, Integer value) {
    if (value != null) {
      OptionChecks.between(option, value, 1, MOST);
    }
  }
}
