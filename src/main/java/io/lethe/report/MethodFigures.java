// What one method reaches over its cells of a comparison.
package io.lethe.report;

import io.lethe.evaluate.Bootstrap;
import io.lethe.evaluate.Bootstrap.Interval;
import io.lethe.report.ComparisonFolder.Cell;
import io.lethe.report.ComparisonFolder.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Rates over the pictures of all cells together.
 *
 * @param known PSR-1 of names in the vocabulary
 * @param unseen PSR-1 of the others
 * @param attack the best restart's success, averaged over attacked cells
 * @param seconds the median over cells
 * @param passes the median over cells
 */
record MethodFigures(
    String method,
    List<Cell> judged,
    long failed,
    long missing,
    Rates esr1,
    Rates esr5,
    Rates psr1,
    Rates psr5,
    Optional<Rates> known,
    Optional<Rates> unseen,
    Optional<Double> attack,
    Optional<Double> seconds,
    Optional<Double> passes) {
  private static final int FEW = 5;
  private static final Predicate<JudgedPicture> GONE = JudgedPicture::isErased;
  private static final Predicate<JudgedPicture> KEPT = GONE.negate();

  /** Empty where no cell of the method was judged with erased and kept names. */
  static Optional<MethodFigures> of(ComparisonFolder comparison, String method) {
    List<Cell> judged =
        comparison.judged(method).stream()
            .filter(cell ->
                rate(cell, GONE, 1, true).isPresent() && rate(cell, KEPT, 1, false).isPresent())
            .toList();
    if (judged.isEmpty()) {
      return Optional.empty();
    }
    boolean vocabulary =
        judged.stream()
            .allMatch(cell -> MetricTable.hasVocabulary(cell.evaluation().orElseThrow()));
    return Optional.of(
        new MethodFigures(
            method,
            judged,
            count(comparison, method, Status.FAILED),
            count(comparison, method, Status.MISSING),
            rates(judged, GONE, 1, true).orElseThrow(),
            rates(judged, GONE, 5, true).orElseThrow(),
            rates(judged, KEPT, 1, false).orElseThrow(),
            rates(judged, KEPT, 5, false).orElseThrow(),
            vocabulary ? rates(judged, KEPT.and(JudgedPicture::known), 1, false) : Optional.empty(),
            vocabulary
                ? rates(judged, KEPT.and(picture -> !picture.known()), 1, false)
                : Optional.empty(),
            mean(
                judged.stream()
                    .flatMap(cell -> cell.attack().stream())
                    .map(attack -> attack.best().rate())
                    .toList()),
            median(judged.stream().flatMap(cell -> cell.seconds().stream()).toList()),
            median(judged.stream().map(cell -> (double) cell.erasure().unetPasses()).toList())));
  }

  private static long count(ComparisonFolder comparison, String method, Status status) {
    return comparison.cells().stream()
        .filter(cell -> cell.method().equals(method) && cell.status() == status)
        .count();
  }

  /** One cell's rate. */
  static Optional<Rates> rate(Cell cell, Predicate<JudgedPicture> which, int k, boolean absent) {
    return cell.evaluation().flatMap(evaluation -> MetricTable.rates(evaluation, which, k, absent));
  }

  static double esr1(Cell cell) {
    return rate(cell, GONE, 1, true).orElseThrow().value();
  }

  static double psr1(Cell cell) {
    return rate(cell, KEPT, 1, false).orElseThrow().value();
  }

  private static Optional<Rates> rates(
      List<Cell> cells, Predicate<JudgedPicture> which, int k, boolean absent) {
    List<JudgedPicture> after = new ArrayList<>();
    List<JudgedPicture> before = new ArrayList<>();
    for (Cell cell : cells) {
      EvaluationFolder evaluation = cell.evaluation().orElseThrow();
      evaluation.erased().stream().filter(which).forEach(after::add);
      evaluation.base().stream().filter(which).forEach(before::add);
    }
    return after.isEmpty()
        ? Optional.empty()
        : Optional.of(Rates.of(after, before, k, absent, JudgedPicture::prompt));
  }

  /** How far one figure of this method lies above another's, over the cells that both have. */
  record Difference(double mean, Interval interval, int pairs) {
    /** Whether chance alone could have made it. */
    boolean isUnclear() {
      return interval.low() <= 0 && interval.high() >= 0;
    }

    /** Whether there are too few pairs for an interval to mean much. */
    boolean isFew() {
      return pairs < FEW;
    }
  }

  /** Paired over concept and seed; empty without a common cell. */
  Optional<Difference> minus(MethodFigures other, ToDoubleFunction<Cell> figure) {
    List<Double> differences = new ArrayList<>();
    for (Cell own : judged) {
      for (Cell its : other.judged()) {
        if (own.concept().equals(its.concept()) && own.seed() == its.seed()) {
          differences.add(figure.applyAsDouble(own) - figure.applyAsDouble(its));
        }
      }
    }
    if (differences.isEmpty()) {
      return Optional.empty();
    }
    double[] values = differences.stream().mapToDouble(Double::doubleValue).toArray();
    return Optional.of(
        new Difference(mean(differences).orElseThrow(), Bootstrap.ofMean(values), values.length));
  }

  /** One number to choose by: the harmonic mean of erasure and preservation. */
  double balance() {
    double sum = esr1.value() + psr1.value();
    return sum > 0 ? 2 * esr1.value() * psr1.value() / sum : 0;
  }

  /** Time and passes, as far as they are known. */
  String cost() {
    List<String> parts = new ArrayList<>();
    seconds.ifPresent(value -> parts.add(Words.seconds(value)));
    passes
        .filter(value -> value > 0)
        .ifPresent(value -> parts.add(Words.count(Math.round(value)) + " passes"));
    return String.join(" \u00b7 ", parts);
  }

  private static Optional<Double> mean(List<Double> values) {
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(values.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
  }

  private static Optional<Double> median(List<Double> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return Optional.of(
        sorted.size() % 2 == 1
            ? sorted.get(middle)
            : (sorted.get(middle - 1) + sorted.get(middle)) / 2);
  }
}
