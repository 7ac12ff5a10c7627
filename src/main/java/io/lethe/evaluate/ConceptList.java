// The names that a judge knows, and which of them the model draws.
package io.lethe.evaluate;

import io.lethe.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The {@code concepts.json} beside a judge: a list of objects, one a name.
 *
 * @param concepts in the file's order, names all different
 */
public record ConceptList(List<Concept> concepts) {
  /** The file's name in a judge's folder. */
  public static final String FILE = "concepts.json";

  /**
   * One name.
   *
   * @param name what a prompt says and the judge ranks
   * @param group the broad kind, such as {@code Animals & Nature}; may be empty
   * @param sub the narrow kind; may be empty
   * @param drawn whether the model that goes with the judge draws it
   * @param vocabulary whether an eraser may use it, so that the other names are an honest test
   */
  public record Concept(String name, String group, String sub, boolean drawn, boolean vocabulary) {}

  public ConceptList {
    concepts = List.copyOf(concepts);
  }

  /**
   * Reads the list of a judge's folder; empty if the folder has none.
   *
   * @throws UserError naming the file and what is wrong with it
   */
  public static Optional<ConceptList> ofFolder(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /** Reads one file. @throws UserError naming the file and what is wrong with it */
  public static ConceptList read(Path file) {
    JsonNode tree = JsonTree.read(file);
    if (!tree.isArray() || tree.isEmpty()) {
      throw JsonTree.error(file, "does not hold a JSON list of concepts");
    }
    List<Concept> concepts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (JsonNode row : tree) {
      String name = row.path("name").asString("").strip();
      if (name.isEmpty()) {
        throw JsonTree.error(file, "has an entry without a name, after " + concepts.size());
      }
      if (!seen.add(name)) {
        throw JsonTree.error(file, "names '" + name + "' twice");
      }
      concepts.add(
          new Concept(
              name,
              row.path("group").asString(""),
              row.path("sub").asString(""),
              row.path("drawn").asBoolean(false),
              row.path("vocabulary").asBoolean(false)));
    }
    return new ConceptList(concepts);
  }

  /** Every name, in the file's order. */
  public List<String> names() {
    return concepts.stream().map(Concept::name).toList();
  }

  /** The names that the model draws. */
  public List<String> drawn() {
    return concepts.stream().filter(Concept::drawn).map(Concept::name).toList();
  }

  /** The names that an eraser may use. */
  public List<String> vocabulary() {
    return concepts.stream().filter(Concept::vocabulary).map(Concept::name).toList();
  }
}
