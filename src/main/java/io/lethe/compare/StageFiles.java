// What the stages of a cell have written, gathered into its result.
package io.lethe.compare;

import io.lethe.api.ProcessMemory;
import io.lethe.attack.AttackFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads files rather than memory, so that a cell that was interrupted has the same result. */
final class StageFiles {
  private static final JsonMapper MAPPER = new JsonMapper();

  private StageFiles() {}

  static CellResult result(Path folder, CellJob job) {
    JsonNode metrics = MAPPER.readTree(folder.resolve("model/metrics.json"));
    JsonNode summary = MAPPER.readTree(folder.resolve("evaluation/summary.json"));
    JsonNode attack =
        job.attack() == null
            ? null
            : MAPPER.readTree(folder.resolve("attack").resolve(AttackFiles.SUMMARY));
    List<String> notes = new ArrayList<>();
    metrics.path("notes").forEach(note -> notes.add(note.asString()));
    return new CellResult(
        "ok",
        job.method(),
        job.concept(),
        job.seed(),
        null,
        summary.path("base").asString(),
        summary.path("erased_model").asString(),
        metrics.path("unet_passes").asLong(),
        metrics.path("fill_passes").asLong(),
        notes,
        lost(summary),
        rates(summary),
        attack == null ? null : attack(attack),
        measured(metrics, summary, attack));
  }

  private static Map<String, CellResult.Rate> rates(JsonNode summary) {
    Map<String, CellResult.Rate> rates = new LinkedHashMap<>();
    summary
        .path("metrics")
        .forEachEntry((name, metric) ->
            rates.put(
                name,
                new CellResult.Rate(
                    metric.path("value").asDouble(),
                    interval(metric.path("ci95")),
                    metric.path("base").asDouble())));
    return rates;
  }

  private static List<Double> interval(JsonNode ends) {
    return List.of(ends.path(0).asDouble(), ends.path(1).asDouble());
  }

  /** Such as {@code grapes 50 of 100, seen as blueberries and grapes}, in percent. */
  private static List<String> lost(JsonNode summary) {
    List<String> lost = new ArrayList<>();
    for (JsonNode row : summary.path("concepts")) {
      double before = row.path("base_top1").asDouble();
      double after = row.path("top1").asDouble();
      if (row.path("split").asString().equals("kept") && after < before) {
        lost.add(
            String.format(
                Locale.ROOT,
                "%s %.0f of %.0f, seen as %s",
                row.path("concept").asString(),
                100 * after,
                100 * before,
                String.join(" and ", row.path("seen").propertyNames())));
      }
    }
    return lost;
  }

  private static CellResult.Attack attack(JsonNode found) {
    return new CellResult.Attack(
        found.path("best").asDouble(),
        interval(found.path("best_ci95")),
        found.path("mean").asDouble(),
        found.at("/base/success_rate").asDouble());
  }

  private static Map<String, Double> measured(JsonNode metrics, JsonNode summary, JsonNode attack) {
    Map<String, Double> measured = new LinkedHashMap<>();
    measured.put(
        "train_and_save_seconds", metrics.at("/measured/train_and_save_seconds").asDouble());
    measured.put("evaluation_seconds", summary.at("/measured/seconds").asDouble());
    if (attack != null) {
      measured.put("attack_seconds", attack.at("/measured/seconds").asDouble());
    }
    measured.put("compute_peak_bytes", metrics.at("/measured/compute_peak_bytes").asDouble());
    ProcessMemory.peakResidentBytes()
        .ifPresent(peak -> measured.put("peak_resident_bytes", (double) peak));
    return measured;
  }
}
