// A prompt as the text encoder takes it.
package io.lethe.text;

import java.util.List;

/**
 * The token ids of one prompt, cut and padded to the context length.
 *
 * @param ids begin, content, end, padding; exactly the context length
 * @param tokens how many of the ids are not padding: content plus begin and end
 * @param cutWords the words of the prompt, as written, that did not fit; the first of them may be
 *     kept in part (the cut falls between tokens, not between words). Empty if everything fits
 */
public record Encoding(int[] ids, int tokens, List<String> cutWords) {
  public Encoding {
    cutWords = List.copyOf(cutWords);
  }

  /** The position of the end token, at which the encoder's pooled output is read. */
  public int endPosition() {
    return tokens - 1;
  }

  /** How many tokens the words take, begin and end aside; content stands at 1 .. this. */
  public int contentTokens() {
    return tokens - 2;
  }

  /** Whether a part of the prompt did not fit. */
  public boolean isCut() {
    return !cutWords.isEmpty();
  }
}
