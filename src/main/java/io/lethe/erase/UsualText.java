// What a text encoder usually says, for erasers that keep their change away from it.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.diffusion.RandomStreams;
import io.lethe.evaluate.PromptForms;
import io.lethe.text.ClipTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The empty prompt, a vocabulary, and invented words: two parts of the tokenizer put together, now
 * and then two such words. A vocabulary of a few dozen names spans few directions of the text, and
 * an eraser that knows no others is free to move along them; invented words stand for every name
 * that nobody listed. Both count the same, so that the listed names do not drown. On the bundled
 * model they halved what EAP does to names outside the vocabulary, as much as knowing those names
 * did (bench/README.md).
 */
final class UsualText {
  /**
   * How to make usual text white ({@link io.lethe.nn.optim.Whitening}).
   *
   * @param ridge of the whitening; 0 for none, plain Adam
   * @param inventedWords beside the vocabulary
   */
  record Settings(double ridge, int inventedWords) {
    Settings {
      if (!(ridge >= 0)) {
        throw new UserError("--text-whitening " + ridge + " is below 0");
      }
      checked(inventedWords);
    }

    /** Adam as it is. */
    static Settings none() {
      return new Settings(0, 0);
    }
  }

  /** Enough for small models; of 500 the damage to a name still depended on chance. */
  static final int USUAL_COUNT = 2000;

  private static final int MOST = 10_000;

  /** One invented text in so many has two words. */
  private static final int TWO_WORDS = 3;

  private UsualText() {}

  /** A number of invented words that may be asked for. */
  static int checked(int inventedWords) {
    if (inventedWords < 0 || inventedWords > MOST) {
      throw new UserError("--invented-words " + inventedWords + " is not between 0 and " + MOST);
    }
    return inventedWords;
  }

  /**
   * Two samples: the empty prompt with the vocabulary, and the invented words, if any.
   *
   * @param words a vocabulary that shares no word with the concepts
   */
  static List<List<String>> samples(
      Settings settings,
      Vocabulary words,
      List<String> concepts,
      PromptForms forms,
      ClipTokenizer tokenizer,
      RandomStreams random) {
    List<String> listed = new ArrayList<>(List.of(""));
    listed.addAll(prompts(words, forms));
    if (settings.inventedWords() == 0) {
      return List.of(listed);
    }
    Vocabulary invented = invented(settings.inventedWords(), concepts, tokenizer, random);
    return List.of(listed, prompts(invented, forms));
  }

  private static List<String> prompts(Vocabulary words, PromptForms forms) {
    List<String> prompts = new ArrayList<>();
    for (String word : words.words()) {
      for (int form = 0; form < forms.count(); form++) {
        prompts.add(forms.prompt(form, word));
      }
    }
    return prompts;
  }

  /**
   * Words of two parts that are no token of their own, without those that share a word with a
   * concept. That one is a name from somewhere is rare, not impossible.
   */
  static Vocabulary invented(
      int count, List<String> concepts, ClipTokenizer tokenizer, RandomStreams random) {
    List<String> first = tokenizer.wordParts(false);
    List<String> last = tokenizer.wordParts(true);
    if (first.isEmpty() || last.isEmpty()) {
      throw new UserError(
          "the tokenizer has no parts to invent words from; give --invented-words 0");
    }
    Set<String> known = Set.copyOf(tokenizer.wholeWords());
    List<String> words = new ArrayList<>();
    while (words.size() < count) {
      String word = word(first, last, random);
      if (random.below("invented", TWO_WORDS) == 0) {
        word = word + " " + word(first, last, random);
      }
      if (!known.contains(word)) {
        words.add(word);
      }
    }
    return new Vocabulary(words).without(concepts);
  }

  private static String word(List<String> first, List<String> last, RandomStreams random) {
    return first.get(random.below("invented", first.size()))
        + last.get(random.below("invented", last.size()));
  }
}
