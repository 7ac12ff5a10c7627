// What an erasure wrote down about itself: metrics.json.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A method's run; what the file does not say is empty.
 *
 * @param settings option to value, as the run used them
 * @param searchHistory for each concept, the adversarial word of each step
 * @param wordWeights for each concept, words and their final weights
 * @param reach what the closed-form editor says of the concept's reach
 * @param edit its other figures: rank, norm, condition, damage
 * @param measured seconds and bytes, which differ from run to run
 */
record ErasureRecord(
    String method,
    String paper,
    List<String> concepts,
    List<String> eraseFrom,
    List<String> preserve,
    long seed,
    Map<String, String> settings,
    String backend,
    Optional<String> baseHash,
    Optional<String> erasedHash,
    long unetPasses,
    double roundingShare,
    List<String> notes,
    Map<String, List<Double>> losses,
    Map<String, List<String>> searchHistory,
    Map<String, Map<String, Double>> wordWeights,
    Optional<JsonNode> reach,
    Map<String, String> edit,
    Map<String, Double> measured) {
  static final String FILE = "metrics.json";

  private static final String REACH = "reach";
  private static final String REACH_BOUND = "reach_bound";

  /**
   * @throws UserError if the file is missing or damaged, or names no concept
   */
  static ErasureRecord read(Path folder) {
    Path file = folder.resolve(FILE);
    ErasureRecord erasure = of(JsonFile.read(file));
    if (erasure.concepts().isEmpty()) {
      throw new UserError(
          Printable.quote(file.toString()) + " names no concepts; did lethe erase write it?");
    }
    return erasure;
  }

  static ErasureRecord of(JsonNode json) {
    Map<String, String> settings = new LinkedHashMap<>();
    json.path("settings")
        .properties()
        .forEach(entry -> settings.put(entry.getKey(), plain(entry.getValue())));
    Map<String, List<Double>> losses = new LinkedHashMap<>();
    json.path("losses")
        .properties()
        .forEach(entry -> losses.put(entry.getKey(), JsonFile.numbers(entry.getValue())));
    losses.values().removeIf(values -> values.size() < 2);
    Map<String, List<String>> history = new LinkedHashMap<>();
    json.path("search_history")
        .properties()
        .forEach(entry -> history.put(entry.getKey(), JsonFile.texts(entry.getValue())));
    history.values().removeIf(List::isEmpty);
    Map<String, Map<String, Double>> weights = new LinkedHashMap<>();
    json.path("word_weights")
        .properties()
        .forEach(entry -> weights.put(entry.getKey(), numbers(entry.getValue())));
    weights.values().removeIf(Map::isEmpty);
    JsonNode edit = json.path("edit");
    JsonNode reach = edit.path(REACH_BOUND);
    Map<String, String> figures = new LinkedHashMap<>();
    edit.properties()
        .forEach(entry -> {
          boolean apart = entry.getKey().startsWith(REACH);
          if (entry.getValue().isValueNode() && !entry.getValue().isNull() && !apart) {
            figures.put(entry.getKey(), plain(entry.getValue()));
          }
        });
    return new ErasureRecord(
        json.path("method").asString(""),
        json.path("paper").asString(""),
        JsonFile.texts(json.path("concepts")),
        JsonFile.texts(json.path("erase_from")),
        JsonFile.texts(json.path("preserve")),
        json.path("seed").asLong(0),
        settings,
        json.path("backend").asString(""),
        text(json.path("hashes").path("base")),
        text(json.path("hashes").path("erased")),
        json.path("unet_passes").asLong(0),
        json.path("rounding_share_of_change").asDouble(Double.NaN),
        JsonFile.texts(json.path("notes")),
        losses,
        history,
        weights,
        reach.isObject() && !reach.isEmpty() ? Optional.of(reach) : Optional.empty(),
        figures,
        numbers(json.path("measured")));
  }

  private static String plain(JsonNode value) {
    return value.isValueNode() ? value.asString("") : value.toString();
  }

  private static Optional<String> text(JsonNode node) {
    return node.isString() ? Optional.of(node.asString()) : Optional.empty();
  }

  private static Map<String, Double> numbers(JsonNode node) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    node.properties()
        .forEach(entry -> {
          if (entry.getValue().isNumber()) {
            numbers.put(entry.getKey(), entry.getValue().asDouble());
          }
        });
    return numbers;
  }

  /** Seconds of training, or of the whole where only that is known. */
  Optional<Double> seconds() {
    for (String name : List.of("train_and_save_seconds", "edit_seconds", "seconds")) {
      if (measured.containsKey(name)) {
        return Optional.of(measured.get(name));
      }
    }
    return Optional.empty();
  }
}
