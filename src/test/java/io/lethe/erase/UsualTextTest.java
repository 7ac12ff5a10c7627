// What stands for the text that an encoder usually gives: the empty prompt, the vocabulary,
// invented words.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.RandomStreams;
import io.lethe.evaluate.PromptForms;
import io.lethe.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UsualTextTest {
  private static final ClipTokenizer TOKENIZER =
      ClipTokenizer.load(Path.of("src/main/models/emoji-sd/tokenizer"));
  private static final PromptForms FORMS = new PromptForms(List.of("{}", "a {}"));

  private static List<String> prompts(int invented, List<String> concepts, long seed) {
    return UsualText.prompts(
        new UsualText.Settings(0.3, invented),
        new Vocabulary(List.of("bear", "rose")),
        concepts,
        FORMS,
        TOKENIZER,
        new RandomStreams(seed));
  }

  @Test
  void theEmptyPromptAndEveryFormOfEveryWord() {
    assertEquals(List.of("", "bear", "a bear", "rose", "a rose"), prompts(0, List.of("lion"), 0));
    List<String> more = prompts(50, List.of("lion"), 0);
    assertEquals(1 + 2 * 52, more.size(), "no two of 50 happen to be the same here");
    assertEquals("rose", more.get(3));
  }

  /** Else a comparison on names that the method never saw would be none. */
  @Test
  void inventedWordsAreNoTokensAndTakeSeveral() {
    Set<String> known = new HashSet<>(TOKENIZER.wholeWords());
    for (String word : UsualText.invented(300, TOKENIZER, new RandomStreams(3))) {
      assertFalse(known.contains(word), word);
      assertTrue(TOKENIZER.tokens(word).length >= 4, word + " is one token");
    }
  }

  @Test
  void wordsThatShareAWordWithTheConceptAreLeftOut() {
    List<String> all = prompts(50, List.of("lion"), 0);
    String invented = all.get(all.size() - 2).split(" ")[0];
    List<String> without = prompts(50, List.of(invented), 0);
    assertTrue(all.stream().anyMatch(text -> Arrays.asList(text.split(" ")).contains(invented)));
    assertTrue(
        without.stream().noneMatch(text -> Arrays.asList(text.split(" ")).contains(invented)));
  }

  @Test
  void theSeedDecidesTheWords() {
    assertEquals(prompts(20, List.of("lion"), 5), prompts(20, List.of("lion"), 5));
    assertNotEquals(prompts(20, List.of("lion"), 5), prompts(20, List.of("lion"), 6));
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThrows(UserError.class, () -> new UsualText.Settings(-0.1, 0));
    assertThrows(UserError.class, () -> new UsualText.Settings(Double.NaN, 0));
    assertThrows(UserError.class, () -> new UsualText.Settings(0.3, -1));
  }
}
