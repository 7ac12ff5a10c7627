// What a user may set of a method; what is not set takes the method's default for the model at
// hand.
package io.lethe.erase;

import io.lethe.UserError;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Options by their command-line name without dashes, such as {@code steps} to {@code 100}. Every
 * one that was given must be asked for by the method that runs, or {@link #finish} refuses it: an
 * option that does nothing is a mistake.
 */
public final class MethodOptions {
  private final Map<String, String> given;
  private final Map<String, Object> used = new LinkedHashMap<>();

  public MethodOptions(Map<String, String> given) {
    this.given = new LinkedHashMap<>(given);
  }

  public int integer(String name, int fallback) {
    return value(name, fallback, Integer::valueOf, "a whole number");
  }

  public double real(String name, double fallback) {
    return value(name, fallback, Double::valueOf, "a number");
  }

  public String text(String name, String fallback) {
    return value(name, fallback, Function.identity(), "a word");
  }

  /** A switch, such as {@code --legacy}. */
  public boolean flag(String name, boolean fallback) {
    return value(name, fallback, MethodOptions::parseFlag, "true or false");
  }

  private static Boolean parseFlag(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new NumberFormatException(text);
    }
    return Boolean.valueOf(text);
  }

  private <T> T value(String name, T fallback, Function<String, T> parse, String kind) {
    String text = given.get(name);
    T value = fallback;
    if (text != null) {
      try {
        value = parse.apply(text);
      } catch (NumberFormatException wrong) {
        throw new UserError("--" + name + " '" + text + "' is not " + kind, wrong);
      }
    }
    used.put(name, value);
    return value;
  }

  /** Refuses options that nobody asked for. */
  public void finish(String method) {
    for (String name : given.keySet()) {
      if (!used.containsKey(name)) {
        throw new UserError(
            "--"
                + name
                + " means nothing to "
                + method
                + "; it knows --"
                + String.join(", --", used.keySet()));
      }
    }
  }

  /** Every option that was asked for, with the value that holds: the configuration of the run. */
  public Map<String, Object> settings() {
    return used;
  }
}
