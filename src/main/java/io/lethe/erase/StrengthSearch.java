// How far to go along what training found: the least that a judge no longer recognises.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.diffusion.Pipeline;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Scales the trained change, {@code W = W0 + s (W' - W0)}, as a low-rank adapter is scaled, and
 * takes the smallest s from 1 on at which the judge names a concept first in no selection picture.
 *
 * <p>Most concepts are gone with the trained change as it is, and some need more of it; what is
 * kept suffers in proportion. Less than 1 was tried: concepts that the change at hand just removed
 * came back among the first five labels. The cost is a few pictures for every s that fails and all
 * of them for the one that holds.
 */
public final class StrengthSearch {
  /**
   * Settings.
   *
   * @param judge who detects, or null: the trained change is taken as it is
   * @param fixed a strength to take without a search
   */
  public record Settings(
      Judge judge, PromptForms forms, int picturesPerConcept, Optional<Double> fixed) {
    public Settings {
      if (fixed.isPresent() && !(fixed.get() > 0 && fixed.get() <= 10)) {
        throw new UserError("--strength " + fixed.get() + " is not between 0 and 10");
      }
    }

    /** The trained change as it is. */
    public static Settings whole() {
      return new Settings(null, PromptForms.PHOTO, 1, Optional.of(1.0));
    }
  }

  private static final double[] STRENGTHS = {1, 1.1, 1.2, 1.35, 1.5, 1.75, 2};

  /** Gone is what is not the first label; selection prompts are harder than the trained ones. */
  private static final int PLACES = 1;

  private final Settings settings;

  StrengthSearch(Settings settings) {
    this.settings = settings;
  }

  /** Passes of a usual search: the first strength holds. */
  long estimatePasses(int concepts) {
    if (settings.fixed().isPresent() || settings.judge() == null) {
      return 0;
    }
    long pictures = (long) settings.picturesPerConcept() * concepts;
    return 2L * ConceptDetection.STEPS * pictures;
  }

  /**
   * Scales the trained weights in place.
   *
   * @param start the weights before training, in the order of {@code trained}
   * @param student the model that reads them
   * @return what was chosen and why, one sentence
   */
  String scale(
      ErasureRun run,
      List<float[]> start,
      List<Parameter> trained,
      UNet2DConditionModel student,
      TrainingLoop loop) {
    List<float[]> change = new ArrayList<>();
    for (int i = 0; i < trained.size(); i++) {
      float[] delta = trained.get(i).data().floats().clone();
      for (int j = 0; j < delta.length; j++) {
        delta[j] -= start.get(i)[j];
      }
      change.add(delta);
    }
    if (settings.fixed().isPresent()) {
      set(start, change, trained, settings.fixed().get());
      return "strength %s, as asked for".formatted(settings.fixed().get());
    }
    if (settings.judge() == null) {
      return "strength 1, for want of a judge to choose by";
    }
    ConceptDetection detection =
        new ConceptDetection(
            settings.judge(), settings.forms(), settings.picturesPerConcept(), PLACES);
    List<String> concepts = run.request().concepts();
    Optional<String> unknown = detection.unknown(concepts);
    if (unknown.isPresent()) {
      return "strength 1: the judge has no label '%s' to choose by".formatted(unknown.get());
    }
    double best = 1;
    double fewest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < STRENGTHS.length; i++) {
      if (run.cancelled().getAsBoolean()) {
        throw new ErasureRun.Cancelled("interrupted while the strength was chosen");
      }
      run.progress().progress("choosing the strength", i, STRENGTHS.length);
      set(start, change, trained, STRENGTHS[i]);
      Pipeline pipeline = Pipeline.over(run.base(), run.backend(), student);
      ConceptDetection.Seen seen = detection.look(concepts, pipeline, detected -> detected > 0);
      loop.countPasses(pipeline.unetPasses());
      if (seen.detected() == 0) {
        return String.format(
            Locale.ROOT,
            "strength %.2f, the least from 1 on at which none of %d selection pictures shows the"
                + " concept",
            STRENGTHS[i],
            seen.drawn());
      }
      double rate = (double) seen.detected() / seen.drawn();
      if (rate <= fewest) {
        fewest = rate;
        best = STRENGTHS[i];
      }
    }
    set(start, change, trained, best);
    return String.format(
        Locale.ROOT,
        "strength %.2f, though selection pictures still show the concept at every strength; try"
            + " more --steps",
        best);
  }

  private static void set(
      List<float[]> start, List<float[]> change, List<Parameter> trained, double strength) {
    float scale = (float) strength;
    for (int i = 0; i < trained.size(); i++) {
      float[] weight = trained.get(i).data().floats();
      for (int j = 0; j < weight.length; j++) {
        weight[j] = start.get(i)[j] + scale * change.get(i)[j];
      }
    }
  }
}
