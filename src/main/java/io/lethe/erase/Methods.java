// The erasers by name, each with its paper's defaults for Stable Diffusion and its own for small
// models.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.evaluate.CaptionTemplates;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * Makes a method from options. The defaults at full size are the papers'; those of small models
 * were found by experiment on the bundled one (README). {@code legacy} turns on every quirk of the
 * published code that changes results; each is an option of its own too.
 */
public final class Methods {
  /** The methods that are part of Lethe. */
  public static final List<String> NAMES =
      List.of("eap", "esd", "few-shot", "uce", "rece", "speed", "minimax", "reach");

  /**
   * What few-shot unlearning needs beside its options.
   *
   * @param pictures the user's, a list for each concept; empty to draw them
   * @param judge who detects the concept, or null
   * @param retain words whose contexts should stay
   */
  public record Surroundings(List<List<Picture>> pictures, Judge judge, List<String> retain) {}

  private Methods() {}

  /**
   * @param fullSize whether the model is of the size of Stable Diffusion
   */
  public static ErasureMethod create(
      String name, MethodOptions options, boolean fullSize, Surroundings surroundings) {
    ErasureMethod method =
        switch (name) {
          case "esd" -> esd(options, fullSize);
          case "eap" -> eap(options, fullSize, surroundings.judge());
          case "few-shot" -> fewShot(options, fullSize, surroundings);
          case "uce" -> ClosedFormMethods.uce(options, fullSize);
          case "rece" -> ClosedFormMethods.rece(options, fullSize);
          case "speed" ->
              new Speed(Speed.Settings.of(options, fullSize), options.flag("reach", false));
          case "minimax" -> ClosedFormMethods.minimax(options, fullSize);
          case "reach" -> ClosedFormMethods.reach(options, fullSize);
          default -> provided(name).configured(options);
        };
    options.finish(name);
    return method;
  }

  /** A method of a jar on the class path. */
  private static ErasureMethod provided(String name) {
    List<String> known = new ArrayList<>(NAMES);
    try {
      for (ErasureMethod method : ServiceLoader.load(ErasureMethod.class)) {
        if (method.name().equals(name)) {
          return method;
        }
        known.add(method.name());
      }
    } catch (ServiceConfigurationError broken) {
      throw new UserError(
          "a jar on the class path brings a method that cannot be used: " + broken.getMessage(),
          broken);
    }
    throw new UserError("there is no method '" + name + "'; known: " + String.join(", ", known));
  }

  private static Esd esd(MethodOptions options, boolean fullSize) {
    boolean legacy = options.flag("legacy", false);
    String form = options.text("form", "classic");
    if (!form.equals("classic") && !form.equals("current")) {
      throw new UserError("--form '" + form + "' is neither classic nor current");
    }
    boolean current = form.equals("current");
    TrainingSettings defaults =
        fullSize
            ? settings(
                Selector.X,
                current ? 200 : 1000,
                1,
                current ? 5e-5 : 1e-5,
                LearningRate.CONSTANT,
                Weighting.NONE,
                50)
            : settings(Selector.X, 70, 4, 6e-4, LearningRate.COSINE, Weighting.NONE, 10);
    return new Esd(
        new Esd.Settings(
            training(options, defaults, current ? 2 : 1, current, legacy, false),
            current,
            forms(options, "prompt-forms", "{}")));
  }

  private static Eap eap(MethodOptions options, boolean fullSize, Judge judge) {
    boolean legacy = options.flag("legacy", false);
    TrainingSettings defaults =
        fullSize
            ? settings(Selector.X, 1000, 1, 1e-5, LearningRate.CONSTANT, Weighting.X0, 50)
            : legacy
                ? settings(Selector.X, 100, 4, 4e-4, LearningRate.COSINE, Weighting.NONE, 10)
                : settings(
                    Selector.X_STRICT, 60, 4, 2.5e-3, LearningRate.COSINE, Weighting.NONE, 10);
    int keepBatch = options.integer("keep-batch", fullSize || legacy ? 1 : 4);
    int searchBatch = options.integer("search-batch", fullSize || legacy ? 1 : 4);
    return new Eap(
        new Eap.Settings(
            training(options, defaults, fullSize || legacy ? 1 : 2, false, legacy, true),
            keepBatch,
            options.integer("keep-empty", fullSize || legacy ? 0 : 1),
            options.integer("keep-advance", fullSize ? keepBatch : 1),
            options.real("keep-weight", fullSize || legacy ? 1 : 3),
            options.real("tau", 2),
            options.real("search-lr", fullSize ? 1e-2 : 0.1),
            searchBatch,
            options.integer("search-every", fullSize || legacy ? 1 : 4),
            options.integer("nearest", 1000),
            options.integer("centers", 100),
            options.integer("keep-trajectories", fullSize ? 4 : 35),
            options.integer("keep-stride", 1),
            forms(options, "prompt-forms", "{}"),
            forms(options, "keep-forms", "{}"),
            new UsualText.Settings(
                options.real("text-whitening", fullSize || legacy ? 0 : 0.3),
                options.integer("invented-words", fullSize || legacy ? 0 : UsualText.USUAL_COUNT)),
            strength(options, fullSize, judge),
            options.flag("legacy-self-preserve", legacy)));
  }

  private static FewShot fewShot(
      MethodOptions options, boolean fullSize, Surroundings surroundings) {
    boolean legacy = options.flag("legacy", false);
    String kind = options.text("captions", fullSize ? "object" : "emoji");
    PromptForms captions =
        switch (kind) {
          case "object" -> CaptionTemplates.objects();
          case "style" -> CaptionTemplates.styles();
          case "emoji" -> PromptForms.EMOJI;
          default ->
              throw new UserError("--captions '" + kind + "' is none of object, style, emoji");
        };
    TextSelector selector =
        TextSelector.named(
            options.text(
                "parameters", (legacy ? TextSelector.ALL : TextSelector.MLP_FINAL_ATTN).label()));
    FewShot.Settings settings =
        new FewShot.Settings(
            selector,
            options.integer("pictures", fullSize ? 4 : 8),
            options.integer("batch", fullSize ? 2 : 4),
            options.integer("epochs", fullSize ? 5 : 60),
            options.real("lr", fullSize ? 1e-5 : 1e-4),
            captions);
    EpochChoice.Settings choice =
        new EpochChoice.Settings(
            surroundings.judge(),
            fullSize ? PromptForms.PHOTO : selectionForms(),
            options.integer("selection-pictures", 32),
            options.real("detection-limit", 0.1),
            surroundings.retain(),
            options.real("drift-budget", 0.4));
    return new FewShot(settings, surroundings.pictures(), new EpochChoice(choice));
  }

  private static StrengthSearch.Settings strength(
      MethodOptions options, boolean fullSize, Judge judge) {
    String given = options.text("strength", "1");
    PromptForms forms = fullSize ? PromptForms.PHOTO : selectionForms();
    int pictures = options.integer("selection-pictures", 32);
    if (given.equals("auto")) {
      return new StrengthSearch.Settings(judge, forms, pictures, Optional.empty());
    }
    try {
      double fixed = Double.parseDouble(given);
      return new StrengthSearch.Settings(judge, forms, pictures, Optional.of(fixed));
    } catch (NumberFormatException wrong) {
      throw new UserError("--strength '" + given + "' is neither a number nor auto", wrong);
    }
  }

  /** Forms with a style, which no reported figure of the bundled model uses. */
  private static PromptForms selectionForms() {
    return new PromptForms(
        List.of(
            "{}, fluent style",
            "a twemoji emoji of a {}",
            "an emoji of a {} in noto style",
            "a {} in twemoji style"));
  }

  static PromptForms forms(MethodOptions options, String option, String fallback) {
    String given = options.text(option, fallback);
    return new PromptForms(List.of(given.split("\\|")));
  }

  private static TrainingSettings settings(
      Selector selector,
      int steps,
      int batch,
      double lr,
      LearningRate schedule,
      Weighting weighting,
      int levels) {
    int advance = Math.min(batch, 2);
    return new TrainingSettings(
        selector, steps, 0, batch, lr, schedule, weighting, 1, 3, levels, true, advance, 4, false,
        false);
  }

  private static TrainingSettings training(
      MethodOptions options,
      TrainingSettings defaults,
      double negativeGuidance,
      boolean frozenSampling,
      boolean legacy,
      boolean legacyWeighting) {
    boolean legacyTimesteps = options.flag("legacy-timesteps", legacy);
    String latents = options.text("latents", legacyTimesteps ? "fresh" : "reservoir");
    if (!latents.equals("fresh") && !latents.equals("reservoir")) {
      throw new UserError("--latents '" + latents + "' is neither fresh nor reservoir");
    }
    int batch = options.integer("batch", defaults.batch());
    Weighting weighting = legacy && legacyWeighting ? Weighting.X0 : defaults.weighting();
    return new TrainingSettings(
        Selector.named(options.text("selector", defaults.selector().label())),
        options.integer("steps", defaults.steps()),
        options.real("until", defaults.until()),
        batch,
        options.real("lr", defaults.learningRate()),
        LearningRate.named(options.text("lr-schedule", lower(defaults.schedule()))),
        Weighting.named(options.text("weighting", lower(weighting))),
        options.real("negative-guidance", negativeGuidance),
        options.real("sampling-guidance", defaults.guidance()),
        options.integer("levels", legacyTimesteps ? 50 : defaults.levels()),
        latents.equals("reservoir"),
        options.integer("advance", Math.min(batch, defaults.advance())),
        options.integer("trajectories", defaults.trajectories()),
        frozenSampling,
        legacyTimesteps);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
