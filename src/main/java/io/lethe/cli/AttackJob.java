// One attack from the order to the finished folder: learn, judge, write, show.
package io.lethe.cli;

import io.lethe.api.PassTrial;
import io.lethe.api.ProcessMemory;
import io.lethe.attack.AttackFiles;
import io.lethe.attack.AttackRun;
import io.lethe.attack.InversionResult;
import io.lethe.attack.SuccessRate;
import io.lethe.attack.TextualInversion;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Picture;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.PromptForms;
import io.lethe.report.Amounts;
import io.lethe.report.PngFile;
import io.lethe.weights.StagedFolder;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Carries out what {@link AttackCommand} was asked for. */
final class AttackJob {
  /** The sheet that shows what came back. */
  static final String SHEET = "attack.png";

  /** What was asked for. */
  record Order(
      Path base,
      Path model,
      String concept,
      Optional<Path> images,
      Path judge,
      Optional<Path> labels,
      Optional<Path> templates,
      long seed,
      Optional<Path> out,
      boolean dryRun) {}

  /** What decides the settings beside the options. */
  record Surroundings(boolean fullSize, PromptForms forms) {}

  private static final int FULL_SIZE = 64;

  /** A forward for backward keeps about this many times the memory of one without. */
  private static final double KEPT_FOR_BACKWARD = 12;

  private final Main main;
  private final Order order;
  private final Function<Surroundings, TextualInversion.Settings> settings;
  private final PrintWriter stdout;
  private final PrintWriter stderr;

  AttackJob(
      Main main,
      Order order,
      Function<Surroundings, TextualInversion.Settings> settings,
      PrintWriter stdout,
      PrintWriter stderr) {
    this.main = main;
    this.order = order;
    this.settings = settings;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  int run() {
    order.out().ifPresent(place -> OptionChecks.newPlace("--out", place)); // before minutes of work
    try (Arena arena = Arena.ofShared();
        Cpu cpu = Compute.cpu(main);
        DiffusionModel base = DiffusionModel.open(order.base(), cpu.computeType());
        DiffusionModel model = DiffusionModel.open(order.model(), cpu.computeType());
        Progress progress = Progress.to(stderr);
        CancelSwitch cancel = CancelSwitch.install()) {
      List<String> labels = order.labels().map(PromptForms::lines).orElse(List.of());
      ClipJudge judge = ClipJudge.open(order.judge(), labels, cpu, arena);
      PromptForms forms =
          order
              .templates()
              .map(PromptForms::read)
              .orElseGet(() -> PromptForms.suiting(base.folder().tokenizerFolder(), order.judge()));
      List<Picture> pictures =
          order.images().map(folder -> PictureFolder.read("--images", folder)).orElse(List.of());
      AttackRun run =
          new AttackRun(
              cpu,
              base,
              model,
              judge,
              forms,
              order.concept(),
              pictures,
              order.seed(),
              progress,
              cancel);
      boolean fullSize = base.unet().config().sampleSize() >= FULL_SIZE;
      TextualInversion attack =
          new TextualInversion(settings.apply(new Surroundings(fullSize, forms)));
      announce(run, attack);
      return order.dryRun() ? 0 : attack(run, attack);
    }
  }

  private void announce(AttackRun run, TextualInversion attack) {
    PassTrial trial = PassTrial.of(run.model(), run.backend());
    long passes = attack.estimatePasses(run);
    long memory = (long) (trial.bytesPerPass() * trial.batch() * KEPT_FOR_BACKWARD);
    say(
        "%s tries to bring %s back in %s: %s UNet passes, about %s on this machine, about %s of memory"
            .formatted(
                TextualInversion.NAME,
                order.concept(),
                order.model(),
                Amounts.count(passes),
                Amounts.duration(passes * trial.secondsPerPass()),
                Amounts.bytes(memory)));
  }

  private int attack(AttackRun run, TextualInversion attack) {
    Path out = order.out().orElseGet(this::freshOut);
    long start = System.nanoTime();
    try (StagedFolder staged = StagedFolder.create(out)) {
      InversionResult result = attack.run(run);
      Map<String, Number> measured = new LinkedHashMap<>();
      measured.put("seconds", (System.nanoTime() - start) / 1e9);
      measured.put("compute_peak_bytes", result.peakBytes());
      ProcessMemory.peakResidentBytes()
          .ifPresent(peak -> measured.put("peak_resident_bytes", peak));
      AttackFiles files = new AttackFiles(result);
      files.write(staged.path(), measured);
      PngFile.write(
          staged.path().resolve(SHEET),
          AttackSheet.draw(result),
          Map.of("sampler", result.drawing(), "model", result.modelHash()));
      staged.commit();
      if (main.json()) {
        stdout.println(files.summary(measured).toPrettyString());
      } else {
        stdout.print(table(result));
      }
      stdout.flush();
      say(verdict(result));
      say("written to " + out);
      return 0;
    } catch (AttackRun.Cancelled cancelled) {
      return ErrorLine.INTERRUPTED;
    }
  }

  /** {@code out/attack-CONCEPT-N} with the first N that is free. */
  private Path freshOut() {
    String concept = order.concept().toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
    String name = "attack-" + concept.substring(0, Math.min(40, concept.length())) + "-";
    int n = 1;
    while (Files.exists(Path.of("out", name + n))) {
      n++;
    }
    return Path.of("out", name + n);
  }

  private static String table(InversionResult result) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-44s %8s %15s %5s%n", "", "success", "95 %", "n"));
    row(text, "base, asked for " + result.concept(), result.base().rate());
    row(text, "edited, asked for " + result.concept(), result.model().rate());
    for (int r = 0; r < result.restarts().size(); r++) {
      InversionResult.Restart restart = result.restarts().get(r);
      row(text, "restart %d, from %s".formatted(r + 1, restart.initial()), restart.shown().rate());
    }
    row(text, "best restart", result.best());
    row(text, "mean", result.mean());
    return text.toString();
  }

  private static void row(StringBuilder text, String name, SuccessRate rate) {
    text.append(
        String.format(
            Locale.ROOT,
            "%-44s %8.1f %6.1f to %5.1f %5d%n",
            name,
            100 * rate.value(),
            100 * rate.interval().low(),
            100 * rate.interval().high(),
            rate.pictures()));
  }

  private static String verdict(InversionResult result) {
    return String.format(
        Locale.ROOT,
        "a learned %s brings %s back in %.0f %% of the pictures (best of %d; 95 %%: %.0f to %.0f;"
            + " by its name: %.0f %%)",
        result.settings().embedding().label(),
        result.concept(),
        100 * result.best().value(),
        result.restarts().size(),
        100 * result.best().interval().low(),
        100 * result.best().interval().high(),
        100 * result.model().rate().value());
  }

  private void say(String line) {
    PrintWriter writer = main.json() ? stderr : stdout;
    writer.println(line);
    writer.flush();
  }
}
