// Which epoch of few-shot unlearning to take: the first that forgets the concept and little else.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.diffusion.GenerationRequest;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.diffusion.TextContexts;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import io.lethe.model.clip.ClipTextModel;
import java.util.ArrayList;
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

  /**
   * Pictures drawn before the judge first looks whether more are worth it; then as many again as
   * there are. Most epochs fail on the first two.
   */
  private static final int FIRST_LOOK = 2;

  /** How many of an epoch's pictures an estimate of the cost counts. */
  private static final int USUAL_LOOK = 4;

  /** Sampler steps of pictures that are drawn for training and selection. */
  static final int STEPS = 15;

  /**
   * Seeds of selection start here; those of training pictures just below, reported figures at 9000.
   */
  private static final long FIRST_SEED = 5000;

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
    return settings.judge() == null ? 0 : 2L * STEPS * concepts * USUAL_LOOK;
  }

  void begin(ErasureRun run) {
    before = TextContexts.of(run.backend(), run.base());
    before.prepare(settings.retain());
  }

  /** Pictures of a concept by the unedited model, when the user brings none. */
  List<Picture> draw(ErasureRun run, String concept, int count, PromptForms forms) {
    PromptForms drawn = settings.forms() == null ? forms : settings.forms();
    return pictures(
        run,
        run.base().textEncoder(),
        concept,
        count,
        0,
        drawn,
        FIRST_TRAINING_SEED,
        run.progress());
  }

  private List<Picture> pictures(
      ErasureRun run,
      ClipTextModel textEncoder,
      String concept,
      int count,
      int from,
      PromptForms forms,
      long firstSeed,
      ProgressListener progress) {
    List<String> prompts = new ArrayList<>();
    long[] seeds = new long[count];
    for (int i = 0; i < count; i++) {
      prompts.add(forms.prompt((from + i) % forms.count(), concept));
      seeds[i] = firstSeed + from + i;
    }
    Pipeline pipeline = Pipeline.over(run.base(), run.backend(), textEncoder);
    int side = pipeline.defaultHeight();
    List<Picture> drawn =
        pipeline.generate(
            new GenerationRequest(
                prompts, "", seeds, STEPS, pipeline.defaultGuidance(), "ddim", side, side),
            progress);
    passes += pipeline.unetPasses();
    return drawn;
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
    int[] seen = detection(run, student);
    int all = settings.picturesPerConcept() * run.request().concepts().size();
    boolean forgotten = seen[1] == all && upperBound(seen[0], all) <= settings.limit();
    double detection = (double) seen[0] / seen[1];
    boolean within = drift <= settings.budget();
    String found =
        String.format(
            Locale.ROOT,
            "epoch %d: concept detected in %d of %d selection pictures (upper bound %.1f %%, limit"
                + " %.1f %%), retained words moved by %.3f (budget %.3f)",
            epoch,
            seen[0],
            seen[1],
            100 * upperBound(seen[0], seen[1]),
            100 * settings.limit(),
            drift,
            settings.budget());
    if (!within || !forgotten && epoch == lastEpoch) {
      throw new NoEpochQualifies(
          "no epoch qualifies; "
              + found
              + ". Try another --lr, more --epochs, or a larger --drift-budget");
    }
    return new Verdict(epoch, detection, drift, forgotten, "took " + found);
  }

  /**
   * Draws selection pictures, a few at a time, until so many show the concept that the epoch cannot
   * be taken any more.
   *
   * @return pictures that show a concept, and pictures drawn
   */
  private int[] detection(ErasureRun run, ClipTextModel student) {
    int detected = 0;
    int drawn = 0;
    for (String concept : run.request().concepts()) {
      int label = settings.judge().labels().indexOf(concept);
      if (label < 0) {
        throw new UserError(
            "the judge has no label '" + concept + "' to detect; give --labels a list that has it");
      }
      int count;
      for (int from = 0; from < settings.picturesPerConcept(); from += count) {
        count = Math.min(Math.max(FIRST_LOOK, from), settings.picturesPerConcept() - from);
        List<Picture> pictures =
            pictures(
                run,
                student,
                concept,
                count,
                from,
                settings.forms(),
                FIRST_SEED,
                ProgressListener.silent());
        for (Ranking ranking : settings.judge().rank(pictures)) {
          detected += ranking.rankOf(label) == 1 ? 1 : 0;
        }
        drawn += count;
        int all = settings.picturesPerConcept() * run.request().concepts().size();
        if (upperBound(detected, all) > settings.limit()) {
          return new int[] {detected, drawn};
        }
      }
    }
    return new int[] {detected, drawn};
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
