// A prompt in which one word has no token yet.
package io.lethe.attack;

import io.lethe.UserError;
import io.lethe.evaluate.PromptForms;
import io.lethe.text.ClipTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ids of a prompt as the text encoder takes them, and where the new word stands in it.
 *
 * @param ids begin, words, end, padding: the context's length; any id at the positions
 * @param positions of the new word, ascending; at least one
 */
record PlaceholderPrompt(int[] ids, int[] positions) {
  /** Stands for the word in a template; no text has it. */
  private static final String MARK = "\uE000";

  /**
   * The prompts of all forms, the word being one token.
   *
   * @throws UserError if a form does not fit the context
   */
  static List<PlaceholderPrompt> of(ClipTokenizer tokenizer, PromptForms forms) {
    List<PlaceholderPrompt> prompts = new ArrayList<>();
    for (int form = 0; form < forms.count(); form++) {
      prompts.add(of(tokenizer, forms.prompt(form, MARK)));
    }
    return prompts;
  }

  private static PlaceholderPrompt of(ClipTokenizer tokenizer, String prompt) {
    int[] ids = new int[tokenizer.contextLength()];
    Arrays.fill(ids, tokenizer.padId());
    ids[0] = tokenizer.beginId();
    List<Integer> positions = new ArrayList<>();
    int count = 1;
    String[] parts = prompt.split(MARK, -1);
    for (int part = 0; part < parts.length; part++) {
      int[] tokens = tokenizer.tokens(parts[part]); // begin, words, end
      int words = tokens.length - 2;
      boolean last = part == parts.length - 1;
      if (count + words + (last ? 0 : 1) >= ids.length) {
        throw new UserError(
            "the prompt form '"
                + prompt.replace(MARK, "{}")
                + "' does not fit the model's context");
      }
      System.arraycopy(tokens, 1, ids, count, words);
      count += words;
      if (!last) {
        positions.add(count);
        ids[count++] = tokenizer.endId();
      }
    }
    ids[count] = tokenizer.endId();
    return new PlaceholderPrompt(ids, positions.stream().mapToInt(Integer::intValue).toArray());
  }
}
