// The words that an adversarial eraser may protect, and the choice of candidates among them.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.diffusion.TextContexts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A list of words or names (EAP: Bui et al. 2024, vocabulary construction).
 *
 * <p>Candidates for one concept are its nearest words by {@code ||E(word) - E(concept)||} over the
 * whole flattened context, thinned to a number of centres by one-dimensional k-means on that
 * distance: shells around the concept, not clusters of meaning.
 */
public final class Vocabulary {
  private final List<String> words;

  /**
   * @throws UserError when there is no word
   */
  public Vocabulary(List<String> words) {
    this.words = List.copyOf(new LinkedHashSet<>(words));
    if (this.words.isEmpty()) {
      throw new UserError("the vocabulary has no words");
    }
  }

  public List<String> words() {
    return words;
  }

  /** This vocabulary without every entry that shares a whole word with one of the concepts. */
  public Vocabulary without(List<String> concepts) {
    Set<String> banned = new LinkedHashSet<>();
    concepts.forEach(concept -> banned.addAll(wholeWords(concept)));
    List<String> kept = new ArrayList<>();
    for (String word : words) {
      Set<String> own = wholeWords(word);
      own.retainAll(banned);
      if (own.isEmpty()) {
        kept.add(word);
      }
    }
    if (kept.isEmpty()) {
      throw new UserError("every word of the vocabulary shares a word with " + concepts);
    }
    return new Vocabulary(kept);
  }

  private static Set<String> wholeWords(String text) {
    Set<String> result = new LinkedHashSet<>();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
      if (!word.isEmpty()) {
        result.add(word);
      }
    }
    return result;
  }

  /**
   * The candidates for one concept.
   *
   * @param nearest how many of the nearest words to look at
   * @param centers how many of these to keep; 0 or less for all
   */
  public List<String> candidates(String concept, int nearest, int centers, TextContexts contexts) {
    contexts.prepare(words);
    float[] target = contexts.get(concept);
    record Scored(String word, double similarity) {}
    List<Scored> scored = new ArrayList<>();
    for (String word : words) {
      scored.add(new Scored(word, -distance(contexts.get(word), target)));
    }
    scored.sort(
        Comparator.comparingDouble(Scored::similarity).reversed().thenComparing(Scored::word));
    List<Scored> near = scored.subList(0, Math.min(nearest, scored.size()));
    if (centers <= 0 || centers >= near.size()) {
      return near.stream().map(Scored::word).toList();
    }
    double[] similarities = near.stream().mapToDouble(Scored::similarity).toArray();
    Set<String> chosen = new LinkedHashSet<>();
    for (double center : shells(similarities, centers)) {
      near.stream()
          .min(Comparator.comparingDouble(s -> Math.abs(s.similarity() - center)))
          .ifPresent(s -> chosen.add(s.word()));
    }
    return List.copyOf(chosen);
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  /**
   * Lloyd's k-means on a line, started at equal quantiles: no random start is needed in one
   * dimension.
   */
  private static double[] shells(double[] values, int count) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double[] centers = new double[count];
    for (int c = 0; c < count; c++) {
      centers[c] = sorted[(int) ((c + 0.5) * sorted.length / count)];
    }
    for (int round = 0; round < 100; round++) {
      double[] sums = new double[count];
      int[] counts = new int[count];
      for (double value : sorted) {
        int best = 0;
        for (int c = 1; c < count; c++) {
          if (Math.abs(value - centers[c]) < Math.abs(value - centers[best])) {
            best = c;
          }
        }
        sums[best] += value;
        counts[best]++;
      }
      boolean moved = false;
      for (int c = 0; c < count; c++) {
        double mean = counts[c] == 0 ? centers[c] : sums[c] / counts[c];
        moved |= mean != centers[c];
        centers[c] = mean;
      }
      if (!moved) {
        break;
      }
    }
    return centers;
  }
}
