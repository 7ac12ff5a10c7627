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
    List<MethodFigures> others = methods.stream().filter(method -> method != best).toList();
    Optional<Runner> next =
        others.isEmpty()
            ? Optional.empty()
            : Optional.of(new Runner(best, best(others, MethodFigures::balance)));
    String sentence =
        "%s erases %s (95 %% interval %s) and keeps %s (%s; base %s)%s."
            .formatted(
                Words.name(best.method()),
                Words.percent(best.esr1().value()),
                Words.interval(best.esr1().spread()),
                Words.percent(best.psr1().value()),
                Words.interval(best.psr1().spread()),
                Words.percent(best.psr1().base()),
                next.map(runner -> ", the best balance of the two. " + runner.sentence())
                    .orElse(""));
    List<Tile> tiles = new ArrayList<>();
    tiles.add(tile("Best balance", methods, MethodFigures::balance));
    tiles.add(tile("Erases most", methods, method -> method.esr1().value()));
    tiles.add(tile("Keeps most", methods, method -> method.psr1().value()));
    if (methods.stream().allMatch(method -> method.seconds().isPresent())) {
      tiles.add(tile("Fastest", methods, method -> -method.seconds().orElseThrow()));
    }
    String heading =
        next.filter(Runner::isOpen)
            .map(runner ->
                "%s leads %s, not clearly"
                    .formatted(Words.name(best.method()), Words.name(runner.next().method())))
            .orElse(Words.name(best.method()) + " has the best balance");
    return new ComparisonVerdict(heading, sentence, tiles);
  }

  private static MethodFigures best(
      List<MethodFigures> methods, ToDoubleFunction<MethodFigures> figure) {
    return methods.stream().max(Comparator.comparingDouble(figure)).orElseThrow();
  }

  /** The best method beside the next one. */
  private record Runner(MethodFigures best, MethodFigures next) {
    Optional<Difference> kept() {
      return best.minus(next, MethodFigures::psr1);
    }

    Optional<Difference> gone() {
      return best.minus(next, MethodFigures::esr1);
    }

    /** Whether the order of the two could be chance. */
    boolean isOpen() {
      return kept().isEmpty()
          || kept().get().isFew()
          || kept().get().isUnclear() && gone().orElseThrow().isUnclear();
    }

    String sentence() {
      String name = Words.name(next.method());
      if (kept().isEmpty()) {
        return name + " comes next, on other cells of the grid";
      }
      String reading =
          kept().get().isFew()
              ? ": too few to tell"
              : isOpen() ? ": no difference that chance could not make" : "";
      return "Against %s, which comes next: ESR-1 %s and PSR-1 %s points, paired over %s%s"
          .formatted(
              name,
              difference(gone().orElseThrow()),
              difference(kept().get()),
              Words.count(kept().get().pairs(), "cell"),
              reading);
    }
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

  /** Whoever has the highest figure; all of them where several have it. */
  private static Tile tile(
      String question, List<MethodFigures> methods, ToDoubleFunction<MethodFigures> figure) {
    MethodFigures first = best(methods, figure);
    List<String> names =
        methods.stream()
            .filter(method -> figure.applyAsDouble(method) == figure.applyAsDouble(first))
            .map(method -> Words.name(method.method()))
            .toList();
    if (names.size() > 1) {
      return new Tile(
          question,
          names.size() == methods.size() ? "all alike" : names.size() + " alike",
          "plain",
          "",
          List.of(String.join(", ", names)));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "ESR-1 %s (%s)"
            .formatted(Words.percent(first.esr1().value()), Words.interval(first.esr1().spread())));
    lines.add(
        "PSR-1 %s (%s)"
            .formatted(Words.percent(first.psr1().value()), Words.interval(first.psr1().spread())));
    if (!first.cost().isEmpty()) {
      lines.add(first.cost() + " for one erasure");
    }
    return new Tile(question, names.getFirst(), "plain", "", lines);
  }
}
