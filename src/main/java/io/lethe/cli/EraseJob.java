// One erasure from the request to the finished folder: train, write, read back, judge, show.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.erase.ErasedModel;
import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRequest;
import io.lethe.erase.ErasureRun;
import io.lethe.erase.MethodOptions;
import io.lethe.erase.Methods;
import io.lethe.erase.Vocabulary;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.PromptForms;
import io.lethe.report.PictureReader;
import io.lethe.tensor.DType;
import io.lethe.text.Encoding;
import io.lethe.weights.ModelFolderWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Carries out what {@link EraseCommand} was asked for. */
final class EraseJob {
  /**
   * What was asked for.
   *
   * @param vocabulary a file, the word {@code tokenizer}, or nothing for the default
   * @param judge a CLIP folder, or nothing when there is none to judge with
   */
  record Order(
      Path base,
      List<String> concepts,
      List<String> eraseFrom,
      String method,
      List<String> preserve,
      Optional<String> vocabulary,
      Optional<Path> images,
      Optional<Path> judge,
      boolean noEvaluation,
      Optional<Path> out,
      long seed,
      Optional<DType> dtype,
      boolean dryRun,
      boolean resume,
      MethodOptions options) {}

  /** Words of the tokenizer that serve as a vocabulary: its first are its most frequent. */
  private static final int TOKENIZER_WORDS = 3000;

  private static final double LONG_SECONDS = 3600;

  private final Main main;
  private final Order order;
  private final PrintWriter stdout;
  private final PrintWriter stderr;

  EraseJob(Main main, Order order, PrintWriter stdout, PrintWriter stderr) {
    this.main = main;
    this.order = order;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  int run() {
    order.out().ifPresent(place -> OptionChecks.newPlace("--out", place)); // before minutes of work
    try (Arena arena = Arena.ofShared();
        Cpu cpu = Compute.cpu(main);
        DiffusionModel base = DiffusionModel.open(order.base(), cpu.computeType());
        Progress progress = Progress.to(stderr);
        CancelSwitch cancel = CancelSwitch.install()) {
      requireFitting(base);
      Optional<ConceptList> concepts = order.judge().flatMap(ConceptList::ofFolder);
      Optional<ClipJudge> judge =
          order.judge().map(folder -> ClipJudge.open(folder, List.of(), cpu, arena));
      Vocabulary vocabulary = vocabulary(base, concepts);
      ErasureRequest request =
          new ErasureRequest(
              order.concepts(), order.eraseFrom(), order.preserve(), vocabulary, order.seed());
      Path out = order.out().orElseGet(this::freshOut);
      Path checkpoint = UnfinishedRun.folderFor(out).resolve("checkpoint.safetensors");
      boolean fullSize = base.unet().config().sampleSize() >= 64;
      ErasureMethod method =
          Methods.create(
              order.method(),
              order.options(),
              fullSize,
              new Methods.Surroundings(pictures(), judge.orElse(null), retain(vocabulary)));
      String hash = base.folder().hash();
      ErasureRun run =
          new ErasureRun(
              cpu,
              base,
              request,
              progress,
              Optional.of(checkpoint),
              order.resume(),
              fingerprint(hash),
              cancel);
      ErasureCost cost = ErasureCost.estimate(run, method, order.dtype());
      announce(method, cost);
      if (order.dryRun()) {
        return 0;
      }
      return erase(run, method, hash, out, judge, concepts, cost);
    }
  }

  /**
   * A concept that the text encoder cannot see whole is refused: what is cut would not be erased.
   */
  private void requireFitting(DiffusionModel base) {
    for (String concept : order.concepts()) {
      Encoding encoding = base.tokenizer().encode(concept);
      if (encoding.isCut()) {
        throw new UserError(
            "--concept '"
                + concept
                + "' is longer than the model's context; cut off: "
                + String.join(" ", encoding.cutWords()));
      }
    }
  }

  private Vocabulary vocabulary(DiffusionModel base, Optional<ConceptList> concepts) {
    String source = order.vocabulary().orElse(concepts.isPresent() ? "" : "tokenizer");
    if (source.isEmpty()) {
      return new Vocabulary(concepts.orElseThrow().vocabulary());
    }
    if (source.equals("tokenizer")) {
      List<String> words = base.tokenizer().wholeWords();
      return new Vocabulary(words.subList(0, Math.min(TOKENIZER_WORDS, words.size())));
    }
    return new Vocabulary(PromptForms.lines(OptionChecks.file("--vocabulary", Path.of(source))));
  }

  /** Words whose embeddings few-shot unlearning should leave alone. */
  private List<String> retain(Vocabulary vocabulary) {
    List<String> words = new ArrayList<>(order.preserve());
    List<String> others = vocabulary.without(order.concepts()).words();
    others.stream().limit(100).filter(word -> !words.contains(word)).forEach(words::add);
    return words;
  }

  private List<List<Picture>> pictures() {
    if (order.images().isEmpty()) {
      return List.of();
    }
    if (order.concepts().size() > 1) {
      throw new UserError("--images shows one concept; give one --concept with it");
    }
    Path folder = order.images().get();
    List<Path> files;
    try (Stream<Path> listing = Files.list(folder)) {
      files = listing.filter(EraseJob::isPicture).sorted().toList();
    } catch (IOException unreadable) {
      throw new UserError("--images: cannot list " + OptionChecks.quote(folder), unreadable);
    }
    if (files.isEmpty()) {
      throw new UserError("--images: no .png, .jpg or .jpeg in " + OptionChecks.quote(folder));
    }
    return List.of(files.stream().map(PictureReader::read).toList());
  }

  private static boolean isPicture(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  /**
   * {@code out/METHOD-CONCEPT-N} with the first N that is free, or, to resume, the last one left
   * unfinished.
   */
  private Path freshOut() {
    String concept =
        String.join("-", order.concepts())
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}]+", "-");
    String name = order.method() + "-" + concept.substring(0, Math.min(40, concept.length())) + "-";
    Path parent = Path.of("out");
    int n = 1;
    while (Files.exists(parent.resolve(name + n))
        || !order.resume() && Files.exists(UnfinishedRun.folderFor(parent.resolve(name + n)))) {
      n++;
    }
    return parent.resolve(name + n);
  }

  /** Settings that decide the result; a checkpoint of other settings is refused. */
  private String fingerprint(String baseHash) {
    return String.join(
        "\n",
        baseHash,
        order.method(),
        order.concepts().toString(),
        order.eraseFrom().toString(),
        order.preserve().toString(),
        order.vocabulary().orElse(""),
        order.images().map(Path::toString).orElse(""),
        Long.toString(order.seed()),
        order.options().settings().toString());
  }

  private void announce(ErasureMethod method, ErasureCost cost) {
    say(
        "%s erases %s from %s: %s"
            .formatted(
                method.name(), String.join(", ", order.concepts()), order.base(), cost.describe()));
    if (cost.seconds() > LONG_SECONDS) {
      say(
          order.method().equals("few-shot")
              ? "  cheaper: fewer --pictures or --epochs"
              : "  cheaper: --method few-shot (minutes), fewer --steps, or fewer --levels and"
                  + " --trajectories, which fill the pool");
    }
  }

  private void say(String line) {
    PrintWriter writer = main.json() ? stderr : stdout;
    writer.println(line);
    writer.flush();
  }

  private int erase(
      ErasureRun run,
      ErasureMethod method,
      String baseHash,
      Path out,
      Optional<ClipJudge> judge,
      Optional<ConceptList> concepts,
      ErasureCost cost) {
    OptionChecks.newPlace("--out", out);
    requireSpace(out, cost);
    long start = System.nanoTime();
    try (UnfinishedRun unfinished = UnfinishedRun.claim(out, order.resume())) {
      ErasedModel erased;
      try {
        erased = method.erase(run);
      } catch (ErasureRun.Cancelled cancelled) {
        unfinished.keep();
        say(cancelled.getMessage() + "; to go on: the same command with --resume --out " + out);
        return ErrorLine.INTERRUPTED;
      }
      ModelFolderWriter.Written written =
          ModelFolderWriter.write(
              run.base().folder(), unfinished.model(), erased.weights(), order.dtype());
      erased.edit().ifPresent(edit -> edit.write(unfinished.model().resolve("edit.safetensors")));
      double trained = (System.nanoTime() - start) / 1e9;
      say(
          erased.edit().isPresent()
              ? "edited and saved in " + Amounts.duration(trained)
              : "trained and saved in %s: %s UNet passes, %s of them to fill pools"
                  .formatted(
                      Amounts.duration(trained),
                      Amounts.count(erased.unetPasses()),
                      Amounts.count(erased.fillPasses())));
      written.leftOut().forEach((file, reason) -> say("  left out " + file + ": " + reason));
      erased.notes().forEach(note -> say("  " + note));
      ErasureMetrics metrics = new ErasureMetrics(order, method, run, erased, written, baseHash);
      metrics.measured("train_and_save_seconds", trained);
      if (judge.isPresent() && !order.noEvaluation()) {
        try {
          show(run, unfinished.model(), judge.get(), concepts, metrics);
        } catch (ErasureRun.Cancelled cancelled) {
          unfinished.keep();
          say("interrupted while judging; to go on: the same command with --resume --out " + out);
          return ErrorLine.INTERRUPTED;
        }
      } else if (!order.noEvaluation()) {
        say("not judged: name a CLIP model with --judge to measure what was erased and kept");
      }
      ProcessMemory.peakResidentBytes()
          .ifPresent(peak -> {
            metrics.measured("peak_resident_bytes", (double) peak);
            say("peak memory " + Amounts.bytes(peak));
          });
      metrics.write(unfinished.model().resolve("metrics.json"));
      unfinished.finish();
      if (main.json()) {
        stdout.println(metrics.json().toPrettyString());
        stdout.flush();
      }
      say("written to " + out);
    }
    return 0;
  }

  private static void requireSpace(Path out, ErasureCost cost) {
    Path above = out.toAbsolutePath().getParent();
    while (!Files.exists(above)) {
      above = above.getParent();
    }
    try {
      long free = Files.getFileStore(above).getUsableSpace();
      if (free < cost.diskBytes()) {
        throw new UserError(
            "--out %s needs %s and %s are free there"
                .formatted(out, Amounts.bytes(cost.diskBytes()), Amounts.bytes(free)));
      }
    } catch (IOException unknown) {
      throw new UserError(
          "cannot tell how much space is free above " + OptionChecks.quote(out), unknown);
    }
  }

  /** Everything shown comes from the folder as it was written. */
  private void show(
      ErasureRun run,
      Path folder,
      ClipJudge judge,
      Optional<ConceptList> concepts,
      ErasureMetrics metrics) {
    long start = System.nanoTime();
    try (Pipeline base = Pipeline.over(run.base(), run.backend(), run.base().textEncoder());
        Pipeline edited = Pipeline.open(folder, run.backend())) {
      QuickEvaluation quick =
          new QuickEvaluation(order.concepts(), judge, concepts, order.judge().orElseThrow());
      QuickEvaluation.Outcome outcome =
          quick.run(
              base,
              edited,
              folder.resolve("before-after.png"),
              (stage, done, total) -> {
                if (run.cancelled().getAsBoolean()) {
                  throw new ErasureRun.Cancelled(0);
                }
                run.progress().progress(stage, done, total);
              });
      metrics.evaluation(outcome.summary());
      metrics.hash("erased", edited.hash());
      metrics.measured("evaluation_seconds", (System.nanoTime() - start) / 1e9);
      if (!main.json()) {
        stdout.print(outcome.table());
        stdout.flush();
      }
      say(outcome.verdict());
    }
  }
}
