// Which method to take, and how sure that is.
package io.lethe.report;

import io.lethe.report.MethodFigures.Difference;
import io.lethe.report.Verdict.Tile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** One sentence, and the leaders in what one may care for. */
record ComparisonVerdict(String heading, String sentence, List<Tile> tiles) {

  /**
   * @param methods not empty
   */
  static ComparisonVerdict of(List<MethodFigures> methods) {
    MethodFigures best = best(methods, MethodFigures::balance);
    StringBuilder sentence = new StringBuilder();
    sentence.append(
        "%s erases %s (95 %% interval %s) and keeps %s (%s; base %s), the best balance of the two"
            .formatted(
                Words.name(best.method()),
                Words.percent(best.esr1().value()),
                Words.interval(best.esr1().spread()),
                Words.percent(best.psr1().value()),
                Words.interval(best.psr1().spread()),
                Words.percent(best.psr1().base())));
    List<MethodFigures> others = methods.stream().filter(method -> method != best).toList();
    Optional<MethodFigures> second =
        others.isEmpty() ? Optional.empty() : Optional.of(best(others, MethodFigures::balance));
    sentence.append(second.map(next -> ". " + against(best, next)).orElse(""));
    sentence.append('.');
    List<Tile> tiles = new ArrayList<>();
    tiles.add(tile("Best balance", best));
    MethodFigures erases = best(methods, method -> method.esr1().value());
    tiles.add(tile("Erases most", erases));
    tiles.add(tile("Keeps most", best(methods, method -> method.psr1().value())));
    methods.stream()
        .filter(method -> method.seconds().isPresent())
        .min(Comparator.comparingDouble(method -> method.seconds().orElseThrow()))
        .ifPresent(fastest -> tiles.add(tile("Fastest", fastest)));
    return new ComparisonVerdict(
        Words.name(best.method()) + " has the best balance", sentence.toString(), tiles);
  }

  private static MethodFigures best(
      List<MethodFigures> methods, ToDoubleFunction<MethodFigures> figure) {
    return methods.stream().max(Comparator.comparingDouble(figure)).orElseThrow();
  }

  private static String against(MethodFigures best, MethodFigures next) {
    Optional<Difference> kept = best.minus(next, MethodFigures::psr1);
    Optional<Difference> gone = best.minus(next, MethodFigures::esr1);
    if (kept.isEmpty() || gone.isEmpty()) {
      return "%s comes next, on other cells of the grid".formatted(Words.name(next.method()));
    }
    boolean unclear = kept.get().isUnclear() && gone.get().isUnclear();
    String reading =
        kept.get().isFew()
            ? ": too few to tell"
            : unclear ? ": no difference that chance could not make" : "";
    return "Against %s, which comes next: ESR-1 %s and PSR-1 %s points, paired over %s%s"
        .formatted(
            Words.name(next.method()),
            difference(gone.get()),
            difference(kept.get()),
            Words.count(kept.get().pairs(), "cell"),
            reading);
  }

  /** Such as {@code +2.1 (0.4 to 3.9)}. */
  static String difference(Difference difference) {
    return difference.pairs() < 2
        ? Words.points(difference.mean())
        : "%s (%s to %s)"
            .formatted(
                Words.points(difference.mean()),
                Words.points(difference.interval().low()),
                Words.points(difference.interval().high()));
  }

  private static Tile tile(String question, MethodFigures method) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "ESR-1 %s (%s)"
            .formatted(
                Words.percent(method.esr1().value()), Words.interval(method.esr1().spread())));
    lines.add(
        "PSR-1 %s (%s)"
            .formatted(
                Words.percent(method.psr1().value()), Words.interval(method.psr1().spread())));
    if (!method.cost().isEmpty()) {
      lines.add(method.cost() + " for one erasure");
    }
    return new Tile(question, Words.name(method.method()), "plain", "", lines);
  }
}
