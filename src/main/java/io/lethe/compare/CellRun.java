// One cell from its job to its result: erase, evaluate, write down what came out.
package io.lethe.compare;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.api.Lethe;
import io.lethe.api.ProcessMemory;
import io.lethe.erase.ErasureRun;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each stage appears whole beside the job (model, evaluation, result.json), so that a cell that was
 * interrupted goes on behind the last finished one, and a training from its last checkpoint.
 */
public final class CellRun {
  private static final String SHEET = "before-after.png";
  private static final Set<String> SMALL = Set.of("metrics.json", SHEET);

  /** As StagedFolder and AtomicFile call what is not complete. */
  private static final Pattern HALF_WRITTEN =
      Pattern.compile("\\w+\\.partial-\\w+|\\..+\\.partial");

  private final Lethe lethe;
  private final BooleanSupplier cancelled;
  private final Settings settings;
  private final Map<Path, BaseScores> bases = new LinkedHashMap<>();

  /**
   * How to run cells; nothing here changes a result.
   *
   * @param retryFailed try again what failed before
   * @param discardModels keep of each edited model only its small files
   */
  public record Settings(boolean retryFailed, boolean discardModels) {}

  /**
   * @param lethe the base model, with its judge
   * @param cancelled asked often; when true, the state is kept and {@link ErasureRun.Cancelled}
   *     raised
   */
  public CellRun(Lethe lethe, BooleanSupplier cancelled, Settings settings) {
    this.lethe = lethe;
    this.cancelled = cancelled;
    this.settings = settings;
  }

  /** The result that a cell has already, unless it is to be tried again. */
  Optional<CellResult> done(Path folder) {
    return CellResult.in(folder).filter(result -> result.succeeded() || !settings.retryFailed());
  }

  /**
   * Runs a cell, or finds it done.
   *
   * @param folder of the job; the results are written there too
   * @return the result, or nothing when another process is at this cell
   * @throws UserError if the job's model or judge are not those that this run has
   */
  public Optional<CellResult> run(Path folder, CellJob job) {
    Optional<CellResult> before = done(folder);
    if (before.isPresent()) {
      tidy(folder, before.get());
      return before;
    }
    requireSame("model", job.model(), job.baseHash(), lethe.hash());
    requireSame(
        "judge",
        job.judge(),
        job.judgeId(),
        lethe.evaluate(folder).with(job.evaluation().settings(job.concept())).judge().id());
    Optional<Claim> claim = Claim.of(folder.resolve("claim"));
    if (claim.isEmpty()) {
      return Optional.empty();
    }
    try (Claim held = claim.get()) {
      Optional<CellResult> meanwhile = done(folder);
      CellResult result = meanwhile.isPresent() ? meanwhile.get() : attempt(folder, job);
      held.finished();
      tidy(folder, result);
      return Optional.of(result);
    }
  }

  private static void requireSame(String what, String path, String wanted, String found) {
    if (!wanted.equals(found)) {
      throw new UserError(
          "the %s %s is not the one that the cell was made for: %s, not %s"
              .formatted(what, Printable.quote(path), found, wanted));
    }
  }

  /** What goes wrong with one cell is its result; the others are not to suffer from it. */
  private CellResult attempt(Path folder, CellJob job) {
    CellResult result;
    try {
      result = work(folder, job);
    } catch (ErasureRun.Cancelled cancelledNow) {
      throw cancelledNow;
    } catch (LetheException failure) {
      result = CellResult.failed(job, oneLine(failure.getMessage()));
    } catch (RuntimeException | OutOfMemoryError failure) {
      result = CellResult.failed(job, "a mistake of Lethe's own: " + oneLine(failure.toString()));
    }
    Documents.write(folder.resolve(CellResult.FILE), result);
    return result;
  }

  private static String oneLine(String message) {
    return message == null ? "no reason given" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private CellResult work(Path folder, CellJob job) {
    removeHalfWritten(folder);
    Path model = folder.resolve("model");
    Path evaluation = folder.resolve("evaluation");
    if (!Files.exists(model)) {
      job.erasure(lethe).resume(true).cancelledBy(cancelled).save(model);
    }
    if (!Files.exists(evaluation)) {
      evaluate(folder, job, model, evaluation);
    }
    // A model that lethe erase has written shows its pictures; here the evaluation has drawn them.
    copy(evaluation.resolve(SHEET), model.resolve(SHEET));
    return result(
        job, json(model.resolve("metrics.json")), json(evaluation.resolve("summary.json")));
  }

  private void evaluate(Path folder, CellJob job, Path model, Path evaluation) {
    Path place = folder.resolve(job.baseScores()).normalize();
    BaseScores base =
        bases.computeIfAbsent(
            place, key -> new BaseScores(key, lethe, job.evaluation(), cancelled));
    lethe
        .evaluate(model)
        .erased(job.concept())
        .with(job.evaluation().settings(job.concept()))
        .scores(base.forConcept(job.concept()))
        .cancelledBy(cancelled)
        .save(evaluation);
  }

  private static CellResult result(CellJob job, JsonNode metrics, JsonNode summary) {
    Map<String, CellResult.Rate> rates = new LinkedHashMap<>();
    summary
        .path("metrics")
        .forEachEntry((name, metric) ->
            rates.put(
                name,
                new CellResult.Rate(
                    metric.path("value").asDouble(),
                    List.of(metric.at("/ci95/0").asDouble(), metric.at("/ci95/1").asDouble()),
                    metric.path("base").asDouble())));
    List<String> lost = new ArrayList<>();
    summary
        .path("concepts")
        .forEach(row -> {
          if (row.path("split").asString().equals("kept")
              && row.path("top1").asDouble() < row.path("base_top1").asDouble()) {
            lost.add(
                String.format(
                    Locale.ROOT,
                    "%s %.0f of %.0f, seen as %s",
                    row.path("concept").asString(),
                    100 * row.path("top1").asDouble(),
                    100 * row.path("base_top1").asDouble(),
                    String.join(" and ", row.path("seen").propertyNames())));
          }
        });
    List<String> notes = new ArrayList<>();
    metrics.path("notes").forEach(note -> notes.add(note.asString()));
    Map<String, Double> measured = new LinkedHashMap<>();
    measured.put(
        "train_and_save_seconds", metrics.at("/measured/train_and_save_seconds").asDouble());
    measured.put("evaluation_seconds", summary.at("/measured/seconds").asDouble());
    measured.put("compute_peak_bytes", metrics.at("/measured/compute_peak_bytes").asDouble());
    ProcessMemory.peakResidentBytes()
        .ifPresent(peak -> measured.put("peak_resident_bytes", (double) peak));
    return new CellResult(
        "ok",
        job.label(),
        job.concept(),
        job.seed(),
        null,
        summary.path("base").asString(),
        summary.path("erased_model").asString(),
        metrics.path("unet_passes").asLong(),
        metrics.path("fill_passes").asLong(),
        notes,
        lost,
        rates,
        measured);
  }

  /** A process that was killed had no time to tidy up; whoever has the claim may. */
  private static void removeHalfWritten(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.toList()) {
        if (HALF_WRITTEN.matcher(entry.getFileName().toString()).matches()) {
          remove(entry, path -> true);
        }
      }
    } catch (IOException failure) {
      throw new UserError("cannot tidy " + Printable.quote(folder.toString()), failure);
    }
  }

  private static void remove(Path tree, Predicate<Path> which) throws IOException {
    try (Stream<Path> walk = Files.walk(tree)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).filter(which).toList()) {
        Files.delete(path);
      }
    }
  }

  private static JsonNode json(Path file) {
    return new JsonMapper().readTree(file);
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new UserError("cannot copy to " + Printable.quote(to.toString()), failure);
    }
  }

  private void tidy(Path folder, CellResult result) {
    if (result.succeeded() && settings.discardModels()) {
      discard(folder.resolve("model"));
    }
  }

  private static void discard(Path model) {
    try {
      remove(
          model, path -> !path.equals(model) && !SMALL.contains(model.relativize(path).toString()));
    } catch (IOException failure) {
      throw new UserError(
          "cannot remove the edited model " + Printable.quote(model.toString()), failure);
    }
  }
}
