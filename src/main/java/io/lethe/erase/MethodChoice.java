// A method by name with the options that were set: it becomes a method once the model is known.
package io.lethe.erase;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which method, and what of it is not left to its defaults. Defaults depend on the size of the
 * model, so a choice is made before, and a method after, the model is opened.
 *
 * @param name as on the command line, such as {@code esd}
 * @param options by their command-line name without dashes, such as {@code steps}
 */
public record MethodChoice(String name, Map<String, String> options) {
  /** Keeps the options' order. */
  public MethodChoice {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** A method with all its defaults. */
  public static MethodChoice named(String name) {
    return new MethodChoice(name, Map.of());
  }

  /** The same with one more option set. */
  public MethodChoice set(String option, Object value) {
    Map<String, String> more = new LinkedHashMap<>(options);
    more.put(option, value.toString());
    return new MethodChoice(name, more);
  }
}
