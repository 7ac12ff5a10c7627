// The JSON files of a comparison: records in, records out, and an error that names the file.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.weights.AtomicFile;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Names in the files are those of the record's components in snake case; what is missing, unknown
 * or given twice is an error.
 */
final class Documents {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private Documents() {}

  /** Reads a record. @throws UserError naming the file and what is wrong with it */
  static <T> T read(Path file, Class<T> type) {
    String name = Printable.quote(file.toString());
    try {
      return MAPPER.readValue(Files.readAllBytes(file), type);
    } catch (JacksonException malformed) {
      throw new UserError(
          name + " is not what Lethe writes: " + malformed.getOriginalMessage(), malformed);
    } catch (IOException failure) {
      throw new UserError(name + " cannot be read; is it there, and a file?", failure);
    }
  }

  /** The record as it is written. */
  static String text(Object document) {
    return MAPPER.writeValueAsString(document).replace("\r\n", "\n") + "\n";
  }

  /** Creates or replaces a file, whole or not at all. */
  static void write(Path file, Object document) {
    writeText(file, text(document));
  }

  /** Creates or replaces a text file, whole or not at all. */
  static void writeText(Path file, String text) {
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** Makes a folder and those above it. */
  static Path folder(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException failure) {
      throw new UserError(
          "cannot make the folder " + Printable.quote(folder.toString()) + ": " + failure, failure);
    }
  }
}
