// An attack in words: a table of rates, and a sentence.
package io.lethe.cli;

import io.lethe.attack.InversionResult;
import io.lethe.attack.SuccessRate;
import java.util.Locale;

/** Rates in percent; attack.json has them from 0 to 1. */
final class AttackLines {
  private AttackLines() {}

  /** A row for whoever drew, then the best and the mean of the restarts. */
  static String table(InversionResult result) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-44s %8s %15s %5s%n", "", "success", "95 %", "n"));
    row(text, "base, asked for " + result.concept(), result.base().rate());
    row(text, "edited, asked for " + result.concept(), result.model().rate());
    for (int r = 0; r < result.restarts().size(); r++) {
      InversionResult.Restart restart = result.restarts().get(r);
      row(text, "restart %d, from %s".formatted(r + 1, restart.initial()), restart.shown().rate());
    }
    row(text, "best restart", result.best());
    row(text, "mean", result.mean());
    return text.toString();
  }

  private static void row(StringBuilder text, String name, SuccessRate rate) {
    text.append(
        String.format(
            Locale.ROOT,
            "%-44s %8.1f %6.1f to %5.1f %5d%n",
            name,
            100 * rate.value(),
            100 * rate.interval().low(),
            100 * rate.interval().high(),
            rate.pictures()));
  }

  /** In one sentence. */
  static String verdict(InversionResult result) {
    return String.format(
        Locale.ROOT,
        "a learned %s brings %s back in %.0f %% of the pictures (best of %d; 95 %%: %.0f to %.0f;"
            + " by its name: %.0f %%)",
        result.settings().embedding().label(),
        result.concept(),
        100 * result.best().value(),
        result.restarts().size(),
        100 * result.best().interval().low(),
        100 * result.best().interval().high(),
        100 * result.model().rate().value());
  }
}
