// result.json: what became of a cell.
package io.lethe.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A finished cell, well or badly. Everything but {@code measured} is the same however it was run.
 *
 * @param status {@code ok} or {@code failed}
 * @param error one line, for a failed cell; else null
 * @param baseHash the base model
 * @param erasedHash the edited one; null for a failed cell
 * @param unetPasses single-sample passes of the erasure
 * @param fillPasses those among them that filled pools
 * @param notes what the method had to say
 * @param lost kept names that are drawn worse than by the base, in words
 * @param metrics by name, such as {@code esr1}
 * @param attack how often an attack brings the concept back, or null for none
 * @param measured times in seconds and memory in bytes
 */
public record CellResult(
    String status,
    String method,
    String concept,
    long seed,
    String error,
    String baseHash,
    String erasedHash,
    long unetPasses,
    long fillPasses,
    List<String> notes,
    List<String> lost,
    Map<String, Rate> metrics,
    Attack attack,
    Map<String, Double> measured) {
  /** The file's name in a cell's folder. */
  public static final String FILE = "result.json";

  /**
   * A rate of the edited model beside the base's, as summary.json of an evaluation has it.
   *
   * @param value from 0 to 1
   * @param ci95 the ends of its interval over prompts
   * @param base the base model's
   */
  public record Rate(double value, List<Double> ci95, double base) {}

  /**
   * Success rates from 0 to 1.
   *
   * @param best of the best restart
   * @param ci95 the ends of its interval, over pictures
   * @param mean over restarts
   * @param base how often the base model draws the concept when asked by its name
   */
  public record Attack(double best, List<Double> ci95, double mean, double base) {}

  static CellResult failed(CellJob job, String error) {
    return new CellResult(
        "failed",
        job.method(),
        job.concept(),
        job.seed(),
        error,
        job.baseHash(),
        null,
        0,
        0,
        List.of(),
        List.of(),
        Map.of(),
        null,
        Map.of());
  }

  /** The result in a cell's folder, where there is one. */
  public static Optional<CellResult> in(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.exists(file)
        ? Optional.of(Documents.read(file, CellResult.class))
        : Optional.empty();
  }

  /** As it stands in result.json. */
  public String json() {
    return Documents.text(this).stripTrailing();
  }

  /** Whether the cell came to its end. */
  public boolean succeeded() {
    return status.equals("ok");
  }

  /** Seconds that the cell took, all stages together. */
  public double seconds() {
    return measured.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("seconds"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
