// JSON files of a judge's folder, with errors that name the file.
package io.lethe.evaluate;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads one small JSON file. */
final class JsonTree {
  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonTree() {}

  /**
   * @throws UserError if the file cannot be read or is not JSON
   */
  static JsonNode read(Path file) {
    try {
      return MAPPER.readTree(Files.readAllBytes(file));
    } catch (JacksonException malformed) {
      throw error(file, "is not valid JSON: " + Printable.quote(malformed.getOriginalMessage()));
    } catch (IOException failure) {
      throw error(file, "cannot be read; is it there, and a file?");
    }
  }

  static UserError error(Path file, String reason) {
    return new UserError(Printable.quote(file.toString()) + " " + reason);
  }
}
