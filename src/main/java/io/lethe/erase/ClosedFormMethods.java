// The closed-form erasers made from options, with their papers' defaults.
package io.lethe.erase;

import io.lethe.UserError;
import java.util.List;
import java.util.Locale;

/** Lists in an option are separated by {@code |}. */
final class ClosedFormMethods {
  private ClosedFormMethods() {}

  static Uce uce(MethodOptions options) {
    boolean classic = isClassic(options);
    String technique = options.text("technique", "replace");
    boolean moderate = technique.equals("moderate");
    return new Uce(
        new Uce.Settings(
            classic,
            moderate ? Uce.Technique.REPLACE : named(Uce.Technique.class, "technique", technique),
            named(Uce.Templates.class, "templates", options.text("templates", "none")),
            list(options.text("guide", classic || moderate ? " " : "")),
            positive(options, "erase-scale", 1),
            positive(options, "preserve-scale", 1),
            positive(options, "lambda", 0.5)));
  }

  private static boolean isClassic(MethodOptions options) {
    String form = options.text("form", "current");
    if (!form.equals("classic") && !form.equals("current")) {
      throw new UserError("--form '" + form + "' is neither classic nor current");
    }
    return form.equals("classic");
  }

  static <T extends Enum<T>> T named(Class<T> type, String option, String name) {
    StringBuilder known = new StringBuilder();
    for (T value : type.getEnumConstants()) {
      String lower = value.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (lower.equals(name)) {
        return value;
      }
      known.append(known.isEmpty() ? "" : ", ").append(lower);
    }
    throw new UserError("--" + option + " '" + name + "' is none of " + known);
  }

  private static List<String> list(String text) {
    return List.of(text.split("\\|", -1));
  }

  static double positive(MethodOptions options, String name, double fallback) {
    double value = options.real(name, fallback);
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new UserError("--" + name + " is " + value + ", not a number above 0");
    }
    return value;
  }
}
