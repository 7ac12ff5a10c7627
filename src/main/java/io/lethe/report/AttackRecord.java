// Reads what lethe attack wrote: attack.json and the pictures beside it.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * An attack on an edited model.
 *
 * @param embedding what the attacker may set: {@code word} or {@code context}
 * @param restarts one a start of the search; not empty
 * @param bestInterval 95 % for the best restart
 * @param base how often the base model draws the concept when asked by its name
 * @param plain how often the edited one still does
 * @param pictures files that show what came back
 */
record AttackRecord(
    String method,
    String concept,
    String embedding,
    long steps,
    List<Restart> restarts,
    Optional<List<Double>> bestInterval,
    OptionalDouble base,
    OptionalDouble plain,
    Optional<String> modelHash,
    List<Path> pictures) {
  static final String FILE = "attack.json";
  private static final int MOST_PICTURES = 8;

  /**
   * One run of the search.
   *
   * @param initial where it began
   * @param rate the share of pictures in which the judge saw the concept
   */
  record Restart(
      String initial,
      double rate,
      long successes,
      long pictures,
      double lossFirst,
      double lossLast) {}

  AttackRecord {
    restarts = List.copyOf(restarts);
    pictures = List.copyOf(pictures);
  }

  /**
   * @throws UserError if the file is missing or damaged, or holds no restart
   */
  static AttackRecord read(Path folder) {
    Path file = folder.resolve(FILE);
    JsonNode json = JsonFile.read(file);
    List<Restart> restarts = new ArrayList<>();
    for (JsonNode row : json.path("restarts")) {
      double rate = row.path("success_rate").asDouble(Double.NaN);
      if (!(rate >= 0 && rate <= 1)) {
        throw new UserError(
            Printable.quote(file.toString()) + " has a restart without a success_rate of 0 to 1");
      }
      restarts.add(
          new Restart(
              row.path("initial").asString(""),
              rate,
              row.path("successes").asLong(0),
              row.path("pictures").asLong(0),
              row.path("loss_first").asDouble(Double.NaN),
              row.path("loss_last").asDouble(Double.NaN)));
    }
    if (restarts.isEmpty()) {
      throw new UserError(Printable.quote(file.toString()) + " holds no restart of an attack");
    }
    return new AttackRecord(
        json.path("method").asString(""),
        json.path("concept").asString(""),
        json.path("embedding").asString(""),
        json.path("steps").asLong(0),
        restarts,
        interval(json.path("best_ci95")),
        rate(json.path("base").path("success_rate")),
        rate(json.path("model").path("success_rate")),
        json.path("model_hash").isString()
            ? Optional.of(json.path("model_hash").asString())
            : Optional.empty(),
        pictures(folder));
  }

  private static Optional<List<Double>> interval(JsonNode ends) {
    List<Double> numbers = JsonFile.numbers(ends);
    return numbers.size() == 2 ? Optional.of(numbers) : Optional.empty();
  }

  private static OptionalDouble rate(JsonNode node) {
    return node.isNumber() ? OptionalDouble.of(node.asDouble()) : OptionalDouble.empty();
  }

  private static List<Path> pictures(Path folder) {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().toLowerCase(Locale.ROOT).endsWith(".png"))
          .sorted()
          .limit(MOST_PICTURES)
          .toList();
    } catch (IOException unreadable) {
      throw new UserError("cannot list " + Printable.quote(folder.toString()), unreadable);
    }
  }

  /** The most successful restart: what an attacker who tries several gets. */
  Restart best() {
    Restart best = restarts.getFirst();
    for (Restart restart : restarts) {
      if (restart.rate() > best.rate()) {
        best = restart;
      }
    }
    return best;
  }

  /** The best rate, with its interval where that is known. */
  String bestInWords() {
    return Words.percent(best().rate())
        + bestInterval
            .map(ends ->
                " (95 % interval "
                    + Words.number(ends.get(0))
                    + " to "
                    + Words.percent(ends.get(1))
                    + ")")
            .orElse("");
  }

  double mean() {
    return restarts.stream().mapToDouble(Restart::rate).average().orElseThrow();
  }
}
