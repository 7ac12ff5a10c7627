// One erasure from the method to the finished folder: train, write, read back, judge, show.
package io.lethe.api;

import io.lethe.UserError;
import io.lethe.diffusion.Pipeline;
import io.lethe.erase.ErasedModel;
import io.lethe.erase.ErasureRun;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.EvaluationReport;
import io.lethe.evaluate.EvaluationResult;
import io.lethe.report.Amounts;
import io.lethe.tensor.DType;
import io.lethe.weights.ModelFolderWriter;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Consumer;

/** Carries out what {@link Erasure} was asked for. */
final class ErasureWork {
  private final Lethe lethe;
  private final Erasure.Prepared prepared;
  private final Optional<DType> dtype;
  private final boolean checked;
  private final Consumer<String> log;

  ErasureWork(
      Lethe lethe,
      Erasure.Prepared prepared,
      Optional<DType> dtype,
      boolean checked,
      Consumer<String> log) {
    this.lethe = lethe;
    this.prepared = prepared;
    this.dtype = dtype;
    this.checked = checked;
    this.log = log;
  }

  ErasureOutcome save(Path out) {
    ErasureRun run = prepared.run();
    requireNew(out);
    requireSpace(out, ErasureCost.diskBytes(run, prepared.method(), dtype));
    long start = System.nanoTime();
    try (UnfinishedRun unfinished = UnfinishedRun.claim(out, run.resume())) {
      try {
        ErasedModel erased = prepared.method().erase(run);
        // Reading the base whole takes a processor, writing the edited model a disk: both at once.
        Callable<String> hash = lethe::hash;
        ForkJoinTask<String> hashing = ForkJoinPool.commonPool().submit(hash);
        ModelFolderWriter.Written written =
            ModelFolderWriter.write(
                run.base().folder(), unfinished.model(), erased.weights(), dtype);
        erased.edit().ifPresent(edit -> edit.write(unfinished.model().resolve("edit.safetensors")));
        double trained = (System.nanoTime() - start) / 1e9;
        log.accept(took(erased, trained));
        written.leftOut().forEach((file, why) -> log.accept("  left out " + file + ": " + why));
        erased.notes().forEach(note -> log.accept("  " + note));
        ErasureMetrics metrics =
            new ErasureMetrics(
                prepared.method(), prepared.settings(), run, erased, written, hashing.join());
        metrics.measured("train_and_save_seconds", trained);
        erased.seconds().forEach((stage, took) -> metrics.measured(stage + "_seconds", took));
        Optional<EvaluationResult> evaluation =
            checked && lethe.judgeFolder().isPresent()
                ? Optional.of(check(unfinished.model(), metrics))
                : Optional.empty();
        ProcessMemory.peakResidentBytes()
            .ifPresent(peak -> metrics.measured("peak_resident_bytes", (double) peak));
        metrics.write(unfinished.model().resolve("metrics.json"));
        unfinished.finish();
        return new ErasureOutcome(out, erased, evaluation, metrics.json());
      } catch (ErasureRun.Cancelled cancelled) {
        unfinished.keep();
        throw cancelled;
      }
    }
  }

  /** Such as {@code edited and saved in 10 s (embeddings 3.4 s, edit 0.4 s, account 0.6 s)}. */
  private static String took(ErasedModel erased, double seconds) {
    if (erased.edit().isEmpty()) {
      return "trained and saved in %s: %s UNet passes, %s of them to fill pools"
          .formatted(
              Amounts.duration(seconds),
              Amounts.count(erased.unetPasses()),
              Amounts.count(erased.fillPasses()));
    }
    List<String> stages = new ArrayList<>();
    erased.seconds().forEach((stage, took) -> stages.add(stage + " " + Amounts.duration(took)));
    return "edited and saved in "
        + Amounts.duration(seconds)
        + (stages.isEmpty() ? "" : " (" + String.join(", ", stages) + ")");
  }

  /** Everything shown comes from the folder as it was written. */
  private EvaluationResult check(Path folder, ErasureMetrics metrics) {
    long start = System.nanoTime();
    ErasureRun run = prepared.run();
    Path judgeFolder = lethe.judgeFolder().orElseThrow();
    ClipJudge judge = lethe.judge(List.of());
    try (Pipeline edited = Pipeline.open(folder, run.backend())) {
      Pipeline base = Pipeline.over(run.base(), run.backend(), run.base().textEncoder());
      EvaluationResult result =
          new QuickEvaluation(
                  run.request().concepts(), judge, ConceptList.ofFolder(judgeFolder), judgeFolder)
              .run(
                  base,
                  edited,
                  folder.resolve("before-after.png"),
                  (stage, done, total) -> {
                    if (run.cancelled().getAsBoolean()) {
                      throw new ErasureRun.Cancelled("interrupted while judging");
                    }
                    run.progress().progress(stage, done, total);
                  });
      metrics.evaluation(new EvaluationReport(result).summary(Map.of()));
      metrics.hash("erased", edited.hash());
      metrics.measured("evaluation_seconds", (System.nanoTime() - start) / 1e9);
      return result;
    }
  }

  private static void requireNew(Path out) {
    if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new UserError(
          Printable.quote(out.toString())
              + " exists already; name another folder, or remove it first");
    }
  }

  private static void requireSpace(Path out, long needed) {
    Path above = out.toAbsolutePath().normalize().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    String place = Printable.quote(out.toString());
    if (above == null) {
      throw new UserError(place + " cannot be a new folder");
    }
    try {
      long free = Files.getFileStore(above).getUsableSpace();
      if (free < needed) {
        throw new UserError(
            "%s needs %s and %s are free there"
                .formatted(place, Amounts.bytes(needed), Amounts.bytes(free)));
      }
    } catch (IOException unknown) {
      throw new UserError("cannot tell how much space is free above " + place, unknown);
    }
  }
}
