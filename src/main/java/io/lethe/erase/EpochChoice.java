// Which epoch of few-shot unlearning to take: the first that forgets the concept and little else.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.TextContexts;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import io.lethe.model.clip.ClipTextModel;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * After every epoch the student draws the concept under selection prompts and seeds, which no
 * reported figure uses, and the judge counts how often it is still the first label. The first epoch
 * whose detection rate is at or under the limit, by its 95 % upper confidence bound so that luck
 * does not choose, is taken, if the contexts of a list of words to retain moved less than the
 * budget: mean of {@code ||C - C0|| / ||C0||}.
 *
 * <p>The published code saves every epoch and leaves the choice to the eye.
 */
public final class EpochChoice {
  /**
   * Settings.
   *
   * @param judge who detects; null for none, and then the last epoch is taken
   * @param forms selection prompts
   * @param picturesPerConcept drawn after each epoch
   * @param limit highest detection rate that counts as forgotten
   * @param retain words whose contexts should stay
   * @param budget highest mean relative movement of these contexts
   */
  public record Settings(
      Judge judge,
      PromptForms forms,
      int picturesPerConcept,
      double limit,
      List<String> retain,
      double budget) {}

  /** What was found after an epoch. */
  public record Verdict(
      int epoch, double detection, double drift, boolean taken, String explanation) {}

  /** Raised when no epoch forgets the concept within the budget. */
  public static final class NoEpochQualifies extends LetheException {
    private static final long serialVersionUID = 1L;

    NoEpochQualifies(String message) {
      super(message);
    }
  }

  /** Seeds of training pictures start here; ConceptDetection's lie above. */
  private static final long FIRST_TRAINING_SEED = 4000;

  private final Settings settings;
  private TextContexts before;
  private long passes;

  public EpochChoice(Settings settings) {
    this.settings = settings;
  }

  long passes() {
    return passes;
  }

  long passesPerEpoch(int concepts) {
    return settings.judge() == null
        ? 0
        : 2L * ConceptDetection.STEPS * concepts * ConceptDetection.USUAL_LOOK;
  }

  void begin(ErasureRun run) {
    before = TextContexts.of(run.backend(), run.base());
    before.prepare(settings.retain());
  }

  /** Pictures of a concept by the unedited model, when the user brings none. */
  List<Picture> draw(ErasureRun run, String concept, int count, PromptForms forms) {
    PromptForms drawn = settings.forms() == null ? forms : settings.forms();
    Pipeline pipeline = Pipeline.over(run.base(), run.backend(), run.base().textEncoder());
    List<Picture> pictures =
        ConceptDetection.draw(
            pipeline, concept, count, 0, drawn, FIRST_TRAINING_SEED, run.progress());
    passes += pipeline.unetPasses();
    return pictures;
  }

  /**
   * Looks at the student after an epoch. @throws NoEpochQualifies when none can qualify any more
   */
  Verdict judge(ErasureRun run, ClipTextModel student, int epoch, int lastEpoch) {
    double drift = drift(run, student);
    if (settings.judge() == null) {
      return new Verdict(
          epoch,
          Double.NaN,
          drift,
          epoch == lastEpoch,
          String.format(
              Locale.ROOT,
              "took the last epoch, %d, for want of a judge; retained words moved by %.3f",
              epoch,
              drift));
    }
    ConceptDetection.Seen seen = detection(run, student);
    double bound = upperBound(seen.detected(), seen.drawn());
    boolean forgotten = seen.complete() && bound <= settings.limit();
    double detection = (double) seen.detected() / seen.drawn();
    boolean within = drift <= settings.budget();
    String found =
        String.format(
            Locale.ROOT,
            "epoch %d: concept detected in %d of %d selection pictures (upper bound %.1f %%, limit"
                + " %.1f %%), retained words moved by %.3f (budget %.3f)",
            epoch,
            seen.detected(),
            seen.drawn(),
            100 * bound,
            100 * settings.limit(),
            drift,
            settings.budget());
    if (!within || !forgotten && epoch == lastEpoch) {
      throw new NoEpochQualifies(
          "no epoch qualifies; "
              + found
              + ". Try another --seed or --lr, more --epochs, or a larger --drift-budget");
    }
    return new Verdict(epoch, detection, drift, forgotten, "took " + found);
  }

  /** Draws until so many pictures show a concept that the epoch cannot be taken any more. */
  private ConceptDetection.Seen detection(ErasureRun run, ClipTextModel student) {
    List<String> concepts = run.request().concepts();
    ConceptDetection detection =
        new ConceptDetection(settings.judge(), settings.forms(), settings.picturesPerConcept(), 1);
    detection
        .unknown(concepts)
        .ifPresent(concept -> {
          throw new UserError(
              "the judge has no label '"
                  + concept
                  + "' to detect; give --labels a list that has it");
        });
    int all = detection.pictures(concepts.size());
    Pipeline pipeline = Pipeline.over(run.base(), run.backend(), student);
    ConceptDetection.Seen seen =
        detection.look(
            concepts, pipeline, detected -> upperBound(detected, all) > settings.limit());
    passes += pipeline.unetPasses();
    return seen;
  }

  /** The 95 % upper confidence bound of a rate, k of n seen (Clopper and Pearson 1934). */
  static double upperBound(int k, int n) {
    return k == n
        ? 1
        : new BetaDistribution(k + 1.0, (double) n - k).inverseCumulativeProbability(0.95);
  }

  private double drift(ErasureRun run, ClipTextModel student) {
    TextContexts after = new TextContexts(run.backend(), run.base().tokenizer(), student);
    after.prepare(settings.retain());
    double sum = 0;
    for (String word : settings.retain()) {
      float[] old = before.get(word);
      float[] now = after.get(word);
      double moved = 0;
      double norm = 0;
      for (int i = 0; i < old.length; i++) {
        moved += Math.pow((double) now[i] - old[i], 2);
        norm += Math.pow(old[i], 2);
      }
      sum += Math.sqrt(moved / norm);
    }
    return settings.retain().isEmpty() ? 0 : sum / settings.retain().size();
  }

  void save(TrainingState state) {
    state.putLongs("choice.passes", passes);
  }

  void load(TrainingState state) {
    passes = state.longs("choice.passes")[0];
  }
}
