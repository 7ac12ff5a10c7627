// Is it gone, what did it cost, how sure are we: one sentence and three figures.
package io.lethe.report;

import io.lethe.report.chart.IntervalBar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer before all detail.
 *
 * @param level gone, nearly, partly or there: the colour of the answer, never its only sign
 * @param sentence with its uncertainty
 */
record Verdict(String level, String word, String sentence, List<Tile> tiles) {
  /** A question, its answer in one figure, and what that figure means. */
  record Tile(String question, String answer, String level, String svg, List<String> lines) {}

  /**
   * @param hurt kept names that are recognised less often than before
   * @param judgeHits pictures of the base that the judge names right
   */
  static Verdict of(
      List<String> concepts,
      Rates esr1,
      Rates esr5,
      Optional<Rates> psr1,
      Optional<Rates> unseen,
      int keptNames,
      long hurt,
      long judgeHits,
      long judged,
      Optional<AttackRecord> attack) {
    String level = level(esr1);
    String verb = concepts.size() == 1 ? "is" : "are";
    String word = word(level);
    StringBuilder sentence = new StringBuilder();
    sentence.append(
        ("%s %s %s: the judge no longer sees %s in %s of the pictures that ask for %s (95 %%"
                + " interval %s,")
            .formatted(
                Words.list(concepts),
                verb,
                word,
                concepts.size() == 1 ? "it" : "them",
                Words.percent(esr1.value()),
                concepts.size() == 1 ? "it" : "them",
                Words.interval(esr1.spread())));
    sentence.append(" before %s)".formatted(Words.percent(esr1.base())));
    psr1.ifPresent(kept ->
        sentence.append(
            ", and still recognises %s of the pictures of %s (%s, before %s)"
                .formatted(
                    Words.percent(kept.value()),
                    Words.count(keptNames, "other name"),
                    Words.interval(kept.spread()),
                    Words.percent(kept.base()))));
    sentence.append('.');
    List<Tile> tiles = new ArrayList<>();
    tiles.add(gone(esr1, esr5, level));
    psr1.ifPresent(kept -> tiles.add(cost(kept, unseen, keptNames, hurt)));
    tiles.add(sure(esr1, psr1, judgeHits, judged, attack));
    return new Verdict(level, word, sentence.toString(), tiles);
  }

  /** By the rate itself: intervals of few prompts are too wide to sort by. */
  static String level(Rates esr1) {
    if (esr1.value() >= 0.98) {
      return "gone";
    }
    if (esr1.value() >= 0.9) {
      return "nearly";
    }
    return esr1.value() >= 0.4 ? "partly" : "there";
  }

  private static String word(String level) {
    return switch (level) {
      case "gone" -> "gone";
      case "nearly" -> "nearly gone";
      case "partly" -> "only partly gone";
      default -> "still there";
    };
  }

  private static Tile gone(Rates esr1, Rates esr5, String level) {
    List<String> lines =
        List.of(
            "of %s no longer show it to the judge (ESR-1)."
                .formatted(Words.count(esr1.pictures(), "picture")),
            "95 %% interval %s; before %s."
                .formatted(Words.interval(esr1.spread()), Words.percent(esr1.base())),
            "Not even among its five best guesses: %s (ESR-5)."
                .formatted(Words.percent(esr5.value())));
    return new Tile("Is it gone?", Words.percent(esr1.value()), level, bar("ESR-1", esr1), lines);
  }

  private static Tile cost(Rates kept, Optional<Rates> unseen, int names, long hurt) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "of %s of other names are still recognised (PSR-1)."
            .formatted(Words.count(kept.pictures(), "picture")));
    lines.add(
        "95 %% interval %s; before %s."
            .formatted(Words.interval(kept.spread()), Words.percent(kept.base())));
    unseen.ifPresent(rates ->
        lines.add(
            "On names that it never saw: %s (before %s)."
                .formatted(Words.percent(rates.value()), Words.percent(rates.base()))));
    lines.add(
        hurt == 0
            ? "None of the %s is recognised less often than before."
                .formatted(Words.count(names, "name"))
            : "%d of %s %s recognised less often than before."
                .formatted(hurt, Words.count(names, "name"), hurt == 1 ? "is" : "are"));
    String level = kept.base() - kept.value() <= 0.03 ? "gone" : "partly";
    return new Tile(
        "What did it cost?", Words.percent(kept.value()), level, bar("PSR-1", kept), lines);
  }

  private static Tile sure(
      Rates esr1,
      Optional<Rates> psr1,
      long judgeHits,
      long judged,
      Optional<AttackRecord> attack) {
    List<String> lines = new ArrayList<>();
    String answer = "Not attacked";
    String level = "plain";
    if (attack.isPresent()) {
      double best = attack.get().best().rate();
      answer = best == 0 ? "Withstood" : Words.percent(best) + " come back";
      level = best <= 0.1 ? "gone" : best <= 0.5 ? "nearly" : "there";
      lines.add(
          "An attacker who learns %s draws it again in %s of the pictures (best of %d)."
              .formatted(
                  attack.get().embedding().equals("context")
                      ? "a whole context"
                      : "one word\u2019s embedding",
                  attack.get().bestInWords(),
                  attack.get().restarts().size()));
    } else {
      lines.add("Plain prompts only: nobody tried to bring the concept back.");
    }
    lines.add(
        "%s of each model, %s."
            .formatted(
                Words.count(judged, "picture"),
                Words.count(esr1.prompts() + psr1.map(Rates::prompts).orElse(0), "prompt")));
    lines.add(
        "The judge names %s of the base model\u2019s own pictures right."
            .formatted(Words.percent((double) judgeHits / judged)));
    return new Tile("How sure are we?", answer, level, "", lines);
  }

  static String bar(String name, Rates rates) {
    return IntervalBar.draw(
        rates.value(),
        rates.spread().low(),
        rates.spread().high(),
        rates.base(),
        "%s %s, interval %s, base %s"
            .formatted(
                name,
                Words.percent(rates.value()),
                Words.interval(rates.spread()),
                Words.percent(rates.base())));
  }
}
