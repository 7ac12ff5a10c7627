// One cell from its job to its result: erase, evaluate, write down what came out.
package io.lethe.compare;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.api.Lethe;
import io.lethe.api.ModelAttack;
import io.lethe.erase.ErasureRun;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Each stage appears whole beside the job (model, evaluation, result.json), so that a cell that was
 * interrupted goes on behind the last finished one, and a training from its last checkpoint.
 */
public final class CellRun {
  private static final String SHEET = "before-after.png";
  private static final Set<String> SMALL = Set.of("metrics.json", "edit.safetensors", SHEET);

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
    Path attack = folder.resolve("attack");
    if (job.attack() != null && !Files.exists(attack)) {
      attack(job, model, attack);
    }
    // A model that lethe erase has written shows its pictures; here the evaluation has drawn them.
    copy(evaluation.resolve(SHEET), model.resolve(SHEET));
    return StageFiles.result(folder, job);
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

  private void attack(CellJob job, Path model, Path out) {
    ModelAttack attack =
        lethe
            .attack(model, job.concept())
            .with(job.attack().settings())
            .seed(job.seed())
            .cancelledBy(cancelled);
    Optional.ofNullable(job.evaluation().labels()).map(Path::of).ifPresent(attack::labels);
    Optional.ofNullable(job.evaluation().forms()).map(Path::of).ifPresent(attack::forms);
    attack.save(out);
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
