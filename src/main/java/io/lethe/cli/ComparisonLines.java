// A comparison in words: a line a cell, and a table of methods.
package io.lethe.cli;

import io.lethe.compare.CellResult;
import io.lethe.compare.ComparisonSummary;
import io.lethe.report.Amounts;
import java.util.List;
import java.util.Locale;

/** Rates in percent; the files have them from 0 to 1. */
final class ComparisonLines {
  private static final List<String> COLUMNS =
      List.of("esr1", "esr5", "psr1", "psr1.outside", "psr5");

  private ComparisonLines() {}

  /** Such as {@code esd, lion, seed 0: ESR-1 100.0, PSR-1 95.8, 11 s; about 2 min 3 s left}. */
  static String line(CellResult result, double secondsLeft) {
    String title = result.method() + ", " + result.concept() + ", seed " + result.seed() + ": ";
    String left = secondsLeft > 0 ? "; about " + Amounts.duration(secondsLeft) + " left" : "";
    if (!result.succeeded()) {
      return title + "failed: " + result.error() + left;
    }
    return title
        + rate("ESR-1", result.metrics().get("esr1"))
        + rate("PSR-1", result.metrics().get("psr1"))
        + Amounts.duration(result.seconds())
        + left;
  }

  private static String rate(String name, CellResult.Rate rate) {
    return rate == null ? "" : String.format(Locale.ROOT, "%s %.1f, ", name, 100 * rate.value());
  }

  /** Means with half the width of their intervals, then what failed. */
  static String table(ComparisonSummary summary) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%-28s %5s %16s %16s %16s %16s %16s %9s%n",
            "mean (95 %)",
            "cells",
            "ESR-1",
            "ESR-5",
            "PSR-1",
            "PSR-1 unseen",
            "PSR-5",
            "training"));
    for (ComparisonSummary.Row row : summary.methods()) {
      text.append(String.format(Locale.ROOT, "%-28s %5d", row.method(), row.n()));
      for (String column : COLUMNS) {
        ComparisonSummary.Rate rate = row.metrics().get(column);
        text.append(
            rate == null
                ? " ".repeat(17)
                : String.format(
                    Locale.ROOT,
                    " %5.1f (%3.0f to %3.0f)",
                    100 * rate.mean(),
                    100 * rate.ci95().get(0),
                    100 * rate.ci95().get(1)));
      }
      Double seconds = summary.measured().get(row.method()).get("train_and_save_seconds");
      text.append(" %9s%n".formatted(seconds == null ? "" : Amounts.duration(seconds)));
    }
    for (ComparisonSummary.Row row : summary.methods()) {
      ComparisonSummary.Mean attack = row.attack();
      if (attack != null) {
        text.append(
            String.format(
                Locale.ROOT,
                "attacked, %s draws the concept again in %.0f %% of the pictures (%.0f to %.0f)%n",
                row.method(),
                100 * attack.mean(),
                100 * attack.ci95().get(0),
                100 * attack.ci95().get(1)));
      }
    }
    for (ComparisonSummary.Difference difference : summary.differences()) {
      ComparisonSummary.Mean psr = difference.metrics().get("psr1");
      if (psr != null) {
        text.append(
            String.format(
                Locale.ROOT,
                "PSR-1 of %s minus %s: %+.1f (%+.1f to %+.1f) over %d pairs%n",
                difference.first(),
                difference.second(),
                100 * psr.mean(),
                100 * psr.ci95().get(0),
                100 * psr.ci95().get(1),
                difference.n()));
      }
    }
    for (ComparisonSummary.Failure failure : summary.failed()) {
      text.append(
          "failed: %s, %s, seed %d: %s%n"
              .formatted(failure.method(), failure.concept(), failure.seed(), failure.error()));
    }
    return text.toString();
  }
}
