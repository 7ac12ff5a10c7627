// Figures and names as a report says them.
package io.lethe.report;

import io.lethe.report.Rates.Spread;
import io.lethe.weights.Printable;
import java.util.List;
import java.util.Locale;

/** The same words on every machine, whatever its language. */
final class Words {
  /** No break and no wide gap between a number and its unit. */
  private static final String GAP = "\u202f";

  private static final int LONGEST_NAME = 60;

  private Words() {}

  /** Such as {@code 97.2 %}; 100 and 0 only where nothing is missing. */
  static String percent(double share) {
    return number(share) + GAP + "%";
  }

  /** A share in hundredths with one decimal, {@code 97.2}. */
  static String number(double share) {
    double value = 100 * share;
    if (Math.abs(value - Math.rint(value)) < 1e-9) { // 100 times 0.55 is a little more than 55
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** A difference of shares, {@code −2.8}. */
  static String points(double difference) {
    String text = number(Math.abs(difference));
    return text.equals("0") || text.equals("0.0") ? "0" : (difference < 0 ? "\u2212" : "+") + text;
  }

  /** The ends of an interval, {@code 94.4 to 99.3 %}. */
  static String interval(Spread spread) {
    return number(spread.low()) + " to " + percent(spread.high());
  }

  /** With so many decimals. */
  static String decimal(double value, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** With commas, {@code 7,702}. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** {@code 1 picture}, {@code 2 pictures}. */
  static String count(long value, String one) {
    return count(value) + " " + (value == 1 ? one : one + "s");
  }

  static String seconds(double seconds) {
    if (seconds < 100) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.1f" : "%.0f", seconds) + GAP + "s";
    }
    long whole = Math.round(seconds);
    return whole < 6000
        ? whole / 60 + GAP + "min " + whole % 60 + GAP + "s"
        : whole / 3600 + GAP + "h " + whole % 3600 / 60 + GAP + "min";
  }

  static String bytes(double bytes) {
    return bytes < 1e9
        ? String.format(Locale.ROOT, "%.0f", bytes / 1e6) + GAP + "MB"
        : String.format(Locale.ROOT, "%.1f", bytes / 1e9) + GAP + "GB";
  }

  /** A name from a file, safe to look at and no longer than a line. */
  static String name(String name) {
    String visible = Printable.visible(name);
    if (visible.codePointCount(0, visible.length()) <= LONGEST_NAME) {
      return visible;
    }
    return visible.substring(0, visible.offsetByCodePoints(0, LONGEST_NAME - 1)) + "\u2026";
  }

  /** A name between quotation marks. */
  static String quoted(String name) {
    return "\u201c" + name(name) + "\u201d";
  }

  /** {@code “a”, “b” and “c”}; beyond four names the others are counted. */
  static String list(List<String> names) {
    List<String> shown = names.stream().limit(names.size() > 5 ? 4 : 5).map(Words::quoted).toList();
    String more = names.size() > shown.size() ? (names.size() - shown.size()) + " more" : "";
    StringBuilder text = new StringBuilder();
    int last = more.isEmpty() ? shown.size() - 1 : shown.size();
    for (int i = 0; i < shown.size(); i++) {
      text.append(i == 0 ? "" : i == last ? " and " : ", ").append(shown.get(i));
    }
    return text.append(more.isEmpty() ? "" : " and " + more).toString();
  }
}
