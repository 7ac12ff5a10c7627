// The closed-form erasers made from options, with their papers' defaults.
package io.lethe.erase;

import io.lethe.UserError;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Lists in an option are separated by {@code |}. */
final class ClosedFormMethods {
  private ClosedFormMethods() {}

  /**
   * A small model tells few words apart, and by the whole context: the last token alone moves
   * little of it, and what moves more needs names to keep.
   */
  static Uce uce(MethodOptions options, boolean fullSize) {
    boolean classic = isClassic(options, fullSize ? "current" : "classic");
    String technique = options.text("technique", "replace");
    boolean moderate = technique.equals("moderate");
    Optional<Uce.Debias> debias = debias(options);
    return new Uce(
        new Uce.Settings(
            classic,
            moderate ? Uce.Technique.REPLACE : named(Uce.Technique.class, "technique", technique),
            named(Uce.Templates.class, "templates", options.text("templates", "none")),
            list(options.text("guide", classic || moderate ? " " : "")),
            positive(options, "erase-scale", 1),
            positive(options, "preserve-scale", 1),
            options.flag("preserve-vocabulary", !fullSize),
            positive(options, "lambda", 0.5),
            debias),
        options.flag("reach", false));
  }

  /** One round from what was counted: {@code --alphas} of the round before go on from there. */
  private static Optional<Uce.Debias> debias(MethodOptions options) {
    String attributes = options.text("attributes", "");
    String observed = options.text("observed", "");
    String desired = options.text("desired", "");
    String alphas = options.text("alphas", "");
    if (attributes.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = list(attributes);
    double[] equal = new double[names.size()];
    java.util.Arrays.fill(equal, 1.0 / names.size());
    Uce.Debias before = new Uce.Debias(names, numbers("alphas", alphas, new double[names.size()]));
    return Optional.of(
        before.after(numbers("desired", desired, equal), numbers("observed", observed, equal)));
  }

  private static double[] numbers(String option, String text, double[] fallback) {
    if (text.isEmpty()) {
      return fallback;
    }
    List<String> parts = list(text);
    if (parts.size() != fallback.length) {
      throw new UserError(
          "--"
              + option
              + " has "
              + parts.size()
              + " numbers for "
              + fallback.length
              + " attributes");
    }
    double[] numbers = new double[parts.size()];
    for (int i = 0; i < numbers.length; i++) {
      try {
        numbers[i] = Double.parseDouble(parts.get(i));
      } catch (NumberFormatException wrong) {
        throw new UserError("--" + option + " '" + parts.get(i) + "' is not a number", wrong);
      }
      if (!Double.isFinite(numbers[i])) {
        throw new UserError("--" + option + " '" + parts.get(i) + "' is not finite");
      }
    }
    return numbers;
  }

  /**
   * As published a round leaves little of a small model: all rows of a derived embedding are mapped
   * in a space of 128. There the vocabulary is preserved too, at a weight at which the round
   * neither takes the neighbours along (0.003) nor brings the concept back (0.1), and at a larger
   * ridge.
   */
  static Rece rece(MethodOptions options, boolean fullSize) {
    Uce start =
        new Uce(
            new Uce.Settings(
                isClassic(options, "classic"),
                Uce.Technique.REPLACE,
                Uce.Templates.NONE,
                List.of(options.text("guide", " ")),
                1,
                positive(options, "start-preserve-scale", 1),
                options.flag("preserve-vocabulary", !fullSize),
                positive(options, "start-lambda", 0.5),
                Optional.empty()),
            false);
    return new Rece(
        new Rece.Settings(
            start,
            options.text("guide", " "),
            atLeastOne(options, "rounds", 1),
            named(Rece.Regulariser.class, "regulariser", options.text("regulariser", "zero")),
            positive(options, "rho", 0.1),
            positive(options, "preserve-scale", fullSize ? 0.1 : 0.03),
            positive(options, "lambda", fullSize ? 0.1 : 1)),
        options.flag("reach", false));
  }

  static Minimax minimax(MethodOptions options, boolean fullSize) {
    return new Minimax(minimaxSettings(options, fullSize), options.flag("reach", false));
  }

  static Reach reach(MethodOptions options, boolean fullSize) {
    Minimax.Settings words = minimaxSettings(options, fullSize);
    return new Reach(
        new Reach.Settings(
            new Minimax(words, true),
            options.real("mu", 3),
            positive(options, "projection-damage", 0.05),
            belowOne(options, "own-share", 0),
            options.flag("uniform-words", false),
            named(Reach.Rows.class, "reach-rows", options.text("reach-rows", "all")),
            options.integer("exact-rank", 4)),
        words);
  }

  private static Minimax.Settings minimaxSettings(MethodOptions options, boolean fullSize) {
    String guide = options.text("guide", "");
    return new Minimax.Settings(
        Methods.forms(options, "prompt-forms", "{}"),
        Methods.forms(options, "keep-forms", "{}"),
        guide.isEmpty() ? Optional.empty() : Optional.of(guide),
        positive(options, "tau", 1),
        positive(options, "lambda", 0.5),
        positive(options, "gap", 0.01),
        atLeastOne(options, "solves", 400),
        atLeastOne(options, "rank", fullSize ? 4 : 8),
        options.flag("equal-layers", false),
        Set.copyOf(list(options.text("exclude", ""))),
        UsualText.checked(options.integer("invented-words", fullSize ? 0 : UsualText.USUAL_COUNT)),
        positive(options, "invented-weight", 0.5));
  }

  private static double belowOne(MethodOptions options, String name, double fallback) {
    double value = options.real(name, fallback);
    if (!(value >= 0 && value < 1)) {
      throw new UserError("--" + name + " is " + value + ", not from 0 to below 1");
    }
    return value;
  }

  private static int atLeastOne(MethodOptions options, String name, int fallback) {
    int value = options.integer(name, fallback);
    if (value < 1) {
      throw new UserError("--" + name + " is " + value + ", less than 1");
    }
    return value;
  }

  private static boolean isClassic(MethodOptions options, String fallback) {
    String form = options.text("form", fallback);
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
