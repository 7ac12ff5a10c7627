// JSON files that a report is made from: anybody may have written them.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads one file, and lists out of trees that may hold something else. */
final class JsonFile {
  /** More than any metrics file has; a larger one is a mistake or an attack. */
  private static final long LARGEST = 64L << 20;

  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonFile() {}

  /**
   * @throws UserError if the file is missing, too large, or not a JSON object
   */
  static JsonNode read(Path file) {
    String name = Printable.quote(file.toString());
    if (!Files.isRegularFile(file)) {
      throw new UserError("there is no file " + name);
    }
    try {
      if (Files.size(file) > LARGEST) {
        throw new UserError(name + " is larger than " + (LARGEST >> 20) + " MB");
      }
      JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
      if (!tree.isObject()) {
        throw new UserError(name + " does not hold a JSON object");
      }
      return tree;
    } catch (JacksonException malformed) {
      throw new UserError(
          name + " is not valid JSON: " + Printable.quote(malformed.getOriginalMessage()),
          malformed);
    } catch (IOException unreadable) {
      throw new UserError(name + " cannot be read", unreadable);
    }
  }

  /** The texts of a list; empty where there is none. */
  static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    node.forEach(entry -> {
      if (entry.isValueNode()) {
        texts.add(entry.asString(""));
      }
    });
    return texts;
  }

  /** The numbers of a list; empty where there is none. */
  static List<Double> numbers(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    node.forEach(entry -> {
      if (entry.isNumber()) {
        numbers.add(entry.asDouble());
      }
    });
    return numbers;
  }
}
