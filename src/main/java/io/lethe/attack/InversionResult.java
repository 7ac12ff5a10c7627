// What an inversion found.
package io.lethe.attack;

import io.lethe.diffusion.Picture;
import io.lethe.evaluate.PromptForms;
import java.util.List;

/**
 * The result of a {@link TextualInversion}.
 *
 * @param placeholder the new word as it stands in prompts, such as {@code <lion>}
 * @param base the unedited model, asked for the concept by its name
 * @param model the attacked model, asked for the concept by its name: what the edit did
 * @param restarts the attacked model, asked by what each restart has learned
 * @param forms the sentences that success was counted under
 * @param form which of them each picture has, from 0; the same for all models and restarts
 * @param seeds of the pictures
 * @param drawing sampler, steps, guidance and size of the pictures
 * @param tokens of a context
 * @param trainingPictures how many pictures the concept was learned from
 * @param unetPasses single-sample passes; a forward with backward counts as three
 * @param peakBytes the most compute memory in use at once
 */
public record InversionResult(
    String concept,
    String placeholder,
    TextualInversion.Settings settings,
    long seed,
    Shown base,
    Shown model,
    List<Restart> restarts,
    PromptForms forms,
    List<Integer> form,
    List<Long> seeds,
    String drawing,
    int tokens,
    int trainingPictures,
    String baseHash,
    String modelHash,
    String judge,
    long unetPasses,
    long peakBytes) {
  /** Pictures and how often the judge named the concept first. */
  public record Shown(List<Picture> pictures, SuccessRate rate) {}

  /**
   * One restart.
   *
   * @param initial where it began
   * @param embedding what it learned: {@code [width]} of a word, {@code [tokens, width]} of a
   *     context
   * @param losses of each step
   */
  public record Restart(String initial, float[] embedding, double[] losses, Shown shown) {
    private static final int SHARE = 10;

    /** Mean loss over the first tenth of the steps; NaN without steps. */
    public double lossFirst() {
      return mean(0, tenth());
    }

    /** Mean loss over the last tenth of the steps; NaN without steps. */
    public double lossLast() {
      return mean(losses.length - tenth(), losses.length);
    }

    private int tenth() {
      return Math.ceilDiv(losses.length, SHARE);
    }

    private double mean(int from, int to) {
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += losses[i];
      }
      return sum / (to - from);
    }
  }

  /** The place of the most successful restart, the first of those alike. */
  public int bestRestart() {
    int best = 0;
    for (int r = 1; r < restarts.size(); r++) {
      if (rate(r).value() > rate(best).value()) {
        best = r;
      }
    }
    return best;
  }

  private SuccessRate rate(int restart) {
    return restarts.get(restart).shown().rate();
  }

  private List<SuccessRate> rates() {
    return restarts.stream().map(restart -> restart.shown().rate()).toList();
  }

  /** What an attacker gets who tries all restarts. */
  public SuccessRate best() {
    return SuccessRate.best(rates());
  }

  /** What an attacker gets on average who tries once. */
  public SuccessRate mean() {
    return SuccessRate.mean(rates());
  }
}
