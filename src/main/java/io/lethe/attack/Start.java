// Where the search for an embedding begins.
package io.lethe.attack;

import io.lethe.diffusion.RandomStreams;
import io.lethe.text.ClipTokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A beginning and what it is, in words.
 *
 * @param initial such as {@code word "castle"} or {@code random}
 * @param values of the learned embedding's shape
 */
record Start(String initial, float[] values) {
  /** Words whose mean and deviation a random start has. */
  private static final int POPULATION = 64;

  /** So many one-word names make a choice. */
  private static final int ENOUGH = 8;

  /**
   * The start of one restart. The first, third and so on begin at another word, drawn at random;
   * the others at a point drawn from a normal distribution with the mean and deviation of such
   * words, number by number.
   *
   * @param names whose one-token words serve; where there are few, the tokenizer's own words do
   * @param restart from 0
   */
  static Start draw(
      LearnedEmbedding embedding,
      ClipTokenizer tokenizer,
      List<String> names,
      String concept,
      int restart,
      RandomStreams random) {
    String stream = "start." + restart;
    List<String> words = others(tokenizer, names, concept);
    if (restart % 2 == 0) {
      String word = words.get(random.below(stream, words.size()));
      return new Start("word \"" + word + "\"", embedding.of(word));
    }
    int size = embedding.shape().size();
    double[] sum = new double[size];
    double[] squares = new double[size];
    int[] order = random.stream(stream).randperm(words.size());
    int count = Math.min(POPULATION, words.size());
    for (int n = 0; n < count; n++) {
      float[] values = embedding.of(words.get(order[n]));
      for (int i = 0; i < size; i++) {
        sum[i] += values[i];
        squares[i] += (double) values[i] * values[i];
      }
    }
    float[] noise = random.stream(stream).randn(size);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      double mean = sum[i] / count;
      double deviation = Math.sqrt(Math.max(0, squares[i] / count - mean * mean));
      values[i] = (float) (mean + deviation * noise[i]);
    }
    return new Start("random", values);
  }

  /** Words of one token that the concept is not written with. */
  private static List<String> others(ClipTokenizer tokenizer, List<String> names, String concept) {
    Set<Integer> own = new HashSet<>();
    for (int id : tokenizer.tokens(concept)) {
      own.add(id);
    }
    List<String> words = others(tokenizer, names, own);
    return words.size() < ENOUGH ? others(tokenizer, tokenizer.wholeWords(), own) : words;
  }

  private static List<String> others(
      ClipTokenizer tokenizer, List<String> candidates, Set<Integer> own) {
    List<String> words = new ArrayList<>();
    for (String word : candidates) {
      int[] ids = tokenizer.tokens(word); // begin, words, end
      if (ids.length == 3 && !own.contains(ids[1])) {
        words.add(word);
      }
    }
    return words;
  }
}
