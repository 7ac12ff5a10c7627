// A JSON object from a file, or an error that names the file.
package io.lethe.weights;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads the small JSON files of a model folder; duplicate keys and trailing text are refused. */
final class JsonFile {
  private static final long LARGEST = 64 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonFile() {}

  static ObjectNode read(Path file) {
    String name = Printable.quote(file.toString());
    try {
      if (!Files.isRegularFile(file)) {
        throw new UserError("there is no file " + name);
      }
      if (Files.size(file) > LARGEST) {
        throw new UserError(name + " is larger than " + LARGEST + " bytes; no config file is");
      }
      JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw new UserError(name + " does not hold a JSON object");
    } catch (JacksonException malformed) {
      String line =
          malformed.getLocation() == null ? "" : ", line " + malformed.getLocation().getLineNr();
      throw new UserError(
          name + line + ": not valid JSON: " + Printable.quote(malformed.getOriginalMessage()),
          malformed);
    } catch (IOException failure) {
      throw Failure.reading(file, failure);
    }
  }

  /** The object as text, two spaces an indent, with a line feed at the end. */
  static String write(ObjectNode object) {
    return object.toPrettyString().replace("\r\n", "\n") + "\n";
  }
}
