// A row of the grid: a method with some of its options set.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A method, and what distinguishes it from others of the same method.
 *
 * @param label how it is called in tables, such as {@code esd} or {@code esd:steps=200}
 * @param method the method's name
 * @param options by their command-line name without dashes
 */
public record MethodVariant(String label, String method, Map<String, String> options) {

  /**
   * Reads {@code NAME} or {@code NAME:OPTION=VALUE:OPTION=VALUE}.
   *
   * @throws UserError if it is neither
   */
  public static MethodVariant parse(String text) {
    String[] parts = text.strip().split(":", -1);
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] pair = parts[i].split("=", 2);
      if (pair.length < 2 || pair[0].isBlank() || options.put(pair[0], pair[1]) != null) {
        throw new UserError(
            "the method %s is not NAME or NAME:OPTION=VALUE:OPTION=VALUE, each option once"
                .formatted(Printable.quote(text)));
      }
    }
    if (parts[0].isBlank()) {
      throw new UserError("a method has no name in " + Printable.quote(text));
    }
    return new MethodVariant(text.strip(), parts[0], options);
  }
}
