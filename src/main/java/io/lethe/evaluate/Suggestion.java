// What somebody may have meant.
package io.lethe.evaluate;

import java.util.Collection;
import java.util.Locale;

/** Finds the known word nearest to an unknown one. */
public final class Suggestion {
  private Suggestion() {}

  /** Such as {@code (did you mean "lion"?)} with a leading space, or "" where nothing is near. */
  public static String among(Collection<String> known, String unknown) {
    String best = null;
    int least = Math.max(2, unknown.length() / 3) + 1;
    String wanted = unknown.toLowerCase(Locale.ROOT);
    for (String candidate : known) {
      boolean begun = wanted.length() > 1 && candidate.toLowerCase(Locale.ROOT).startsWith(wanted);
      int distance = begun ? 0 : distance(candidate.toLowerCase(Locale.ROOT), wanted);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best == null ? "" : " (did you mean \"" + best + "\"?)";
  }

  /** Levenshtein's: insertions, deletions and replacements from one word to the other. */
  static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j - 1], diagonal));
      }
    }
    return row[to.length()];
  }
}
