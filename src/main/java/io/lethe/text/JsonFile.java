// Opens the tokenizer's JSON files, and words what is wrong with them.
package io.lethe.text;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.json.JsonMapper;

/** Reading of small files, whole, with errors that name the file and the line. */
final class JsonFile {
  static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static final long LARGEST = 64L << 20;

  private JsonFile() {}

  /** A parser over the whole file. @throws UserError if it cannot be read */
  static JsonParser parse(Path file) {
    return MAPPER.createParser(bytes(file));
  }

  /** The whole file. @throws UserError if it is not there, too large or cannot be read */
  static byte[] bytes(Path file) {
    try {
      long size = Files.size(file);
      if (size > LARGEST) {
        throw new UserError(
            "%s has %d bytes; a tokenizer's file has at most %d"
                .formatted(Printable.quote(file.toString()), size, LARGEST));
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException missing) {
      throw new UserError(
          "there is no file "
              + Printable.quote(file.toString())
              + "; a tokenizer needs vocab.json and merges.txt",
          missing);
    } catch (IOException failure) {
      throw new UserError(
          "cannot read " + Printable.quote(file.toString()) + ": " + failure.getMessage(), failure);
    }
  }

  static UserError malformed(Path file, JacksonException broken) {
    TokenStreamLocation at = broken.getLocation();
    return malformed(
        file,
        at == null ? -1 : at.getLineNr(),
        at == null ? -1 : at.getColumnNr(),
        broken.getOriginalMessage());
  }

  /**
   * @param line from 1, or less where it is not known; so is the column
   */
  static UserError malformed(Path file, int line, int column, String what) {
    String where =
        line < 1 ? "" : column < 1 ? ", line " + line : ", line " + line + ", column " + column;
    return new UserError(Printable.quote(file.toString()) + where + ": " + what);
  }
}
