// Tokens that are recognised in a text as they are written.
package io.lethe.text;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Finds the longest special token at a position; they match before composition and lower case. */
final class SpecialTokens {
  private final List<String> tokens;
  private final int[] ids;

  /**
   * @throws UserError if one is not in the vocabulary, or holds white space
   */
  SpecialTokens(Set<String> special, Vocabulary vocabulary, Path folder) {
    tokens = special.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    ids = new int[tokens.size()];
    for (int i = 0; i < ids.length; i++) {
      String token = tokens.get(i);
      ids[i] = vocabulary.id(token);
      if (ids[i] < 0) {
        throw new UserError(
            "the special token %s of the tokenizer in %s is not in its vocab.json; added tokens "
                    .formatted(Printable.quote(token), Printable.quote(folder.toString()))
                + "such as textual inversions are not supported");
      }
      if (token.codePoints().anyMatch(WordSplitter::isSpace)) {
        throw new UserError(
            "the special token %s of the tokenizer in %s holds white space, which is not supported"
                .formatted(Printable.quote(token), Printable.quote(folder.toString())));
      }
    }
  }

  /** Which token stands at this position of the text, or -1. */
  int matchAt(String text, int at) {
    for (int i = 0; i < ids.length; i++) {
      if (text.startsWith(tokens.get(i), at)) {
        return i;
      }
    }
    return -1;
  }

  int id(int which) {
    return ids[which];
  }

  int length(int which) {
    return tokens.get(which).length();
  }
}
