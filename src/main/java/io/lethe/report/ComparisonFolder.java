// Reads what lethe compare wrote: one folder a cell, each a job of its own.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A grid of method, concept and seed.
 *
 * @param comparison what was asked for
 * @param cells sorted by method, concept and seed as the grid names them; not empty
 */
record ComparisonFolder(JsonNode comparison, List<Cell> cells) {
  private static final String CELLS = "cells";

  /** What became of a cell. */
  enum Status {
    OK,
    FAILED,
    MISSING
  }

  /**
   * One erasure of the grid.
   *
   * @param error why it failed, or ""
   * @param model the edited model's folder, which may have been removed since
   * @param measured times and memory
   */
  record Cell(
      String name,
      String method,
      String concept,
      long seed,
      Status status,
      String error,
      Optional<EvaluationFolder> evaluation,
      Optional<AttackRecord> attack,
      ErasureRecord erasure,
      Path model,
      Map<String, Double> measured) {

    boolean isJudged() {
      return status == Status.OK && evaluation.isPresent();
    }

    /** Whether the edited model can still be drawn with. */
    boolean hasModel() {
      return Files.isRegularFile(model.resolve("model_index.json"));
    }

    Optional<Double> seconds() {
      for (String key : List.of("train_and_save_seconds", "edit_seconds")) {
        if (measured.containsKey(key)) {
          return Optional.of(measured.get(key));
        }
      }
      return erasure.seconds().or(() -> Optional.ofNullable(measured.get("seconds")));
    }
  }

  /**
   * @throws UserError if the folder is no comparison, or a file in it is damaged
   */
  static ComparisonFolder read(Path folder) {
    Path file = folder.resolve("comparison.json");
    if (!Files.isRegularFile(file)) {
      throw new UserError(
          Printable.quote(folder.toString())
              + " has no comparison.json; give the folder that lethe compare wrote");
    }
    List<Path> folders;
    try (Stream<Path> listing = Files.list(folder.resolve(CELLS))) {
      folders =
          listing.filter(cell -> Files.isRegularFile(cell.resolve("cell.json"))).sorted().toList();
    } catch (IOException unreadable) {
      throw new UserError(
          "cannot list the cells in " + Printable.quote(folder.resolve(CELLS).toString()),
          unreadable);
    }
    List<Cell> cells = new ArrayList<>();
    folders.forEach(cell -> cells.add(cell(cell)));
    if (cells.isEmpty()) {
      throw new UserError(Printable.quote(folder.toString()) + " holds no cell to report on");
    }
    return new ComparisonFolder(JsonFile.read(file), List.copyOf(cells));
  }

  private static Cell cell(Path folder) {
    JsonNode json = JsonFile.read(folder.resolve("cell.json"));
    Path resultFile = folder.resolve("result.json");
    boolean there = Files.isRegularFile(resultFile);
    JsonNode result = there ? JsonFile.read(resultFile) : json.path("no result");
    Status status =
        !there
            ? Status.MISSING
            : result.path("status").asString("").equals("ok") ? Status.OK : Status.FAILED;
    Path evaluation = folder.resolve("evaluation");
    Path attack = folder.resolve("attack");
    Path model = folder.resolve("model");
    Path metrics = model.resolve(ErasureRecord.FILE);
    Map<String, Double> measured = new LinkedHashMap<>();
    result
        .path("measured")
        .properties()
        .forEach(entry -> {
          if (entry.getValue().isNumber()) {
            measured.put(entry.getKey(), entry.getValue().asDouble());
          }
        });
    return new Cell(
        folder.getFileName().toString(),
        required(folder, json, "method"),
        concept(folder, json),
        json.path("seed").asLong(0),
        status,
        result.path("error").asString(""),
        status == Status.OK && Files.isDirectory(evaluation)
            ? Optional.of(EvaluationFolder.read(evaluation))
            : Optional.empty(),
        Files.isRegularFile(attack.resolve(AttackRecord.FILE))
            ? Optional.of(AttackRecord.read(attack))
            : Optional.empty(),
        ErasureRecord.of(Files.isRegularFile(metrics) ? JsonFile.read(metrics) : result),
        model,
        measured);
  }

  private static String concept(Path folder, JsonNode json) {
    List<String> concepts = JsonFile.texts(json.path("concepts"));
    return concepts.isEmpty() ? required(folder, json, "concept") : String.join(", ", concepts);
  }

  private static String required(Path folder, JsonNode json, String name) {
    String value = json.path(name).asString("");
    if (value.isBlank()) {
      throw new UserError(
          "%s has no %s".formatted(Printable.quote(folder.resolve("cell.json").toString()), name));
    }
    return value;
  }

  /** In the order that the comparison asks for, where it does. */
  List<String> methods() {
    return ordered("methods", cells.stream().map(Cell::method).toList());
  }

  List<String> concepts() {
    return ordered("concepts", cells.stream().map(Cell::concept).toList());
  }

  private List<String> ordered(String asked, List<String> found) {
    Set<String> names = new LinkedHashSet<>(JsonFile.texts(comparison.path(asked)));
    names.retainAll(Set.copyOf(found));
    names.addAll(found);
    return List.copyOf(names);
  }

  List<Long> seeds() {
    return cells.stream().map(Cell::seed).distinct().sorted().toList();
  }

  /** A method's cells that were judged. */
  List<Cell> judged(String method) {
    return cells.stream().filter(cell -> cell.isJudged() && cell.method().equals(method)).toList();
  }
}
