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
import io.lethe.evaluate.ConceptList;
import io.lethe.evaluate.PromptForms;
import io.lethe.text.ClipTokenizer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UsualTextTest {
  private static final ClipTokenizer TOKENIZER =
      ClipTokenizer.load(Path.of("src/main/models/emoji-sd/tokenizer"));
  private static final Path CONCEPTS = Path.of("src/main/models/emoji-clip/concepts.json");
  private static final PromptForms FORMS = new PromptForms(List.of("{}", "a {}"));

  private static List<List<String>> samples(int invented, List<String> concepts, long seed) {
    return UsualText.samples(
        new UsualText.Settings(0.3, invented),
        new Vocabulary(List.of("bear", "rose")),
        concepts,
        FORMS,
        TOKENIZER,
        new RandomStreams(seed));
  }

  @Test
  void theEmptyPromptAndEveryFormOfEveryWord() {
    List<String> listed = List.of("", "bear", "a bear", "rose", "a rose");
    assertEquals(List.of(listed), samples(0, List.of("lion"), 0));
    List<List<String>> both = samples(50, List.of("lion"), 0);
    assertEquals(listed, both.get(0));
    assertEquals(2 * 50, both.get(1).size(), "no two of 50 happen to be the same here");
    assertEquals(FORMS.prompt(1, both.get(1).get(0)), both.get(1).get(1));
  }

  private static List<String> invented(int count, long seed) {
    return UsualText.invented(count, List.of("lion"), TOKENIZER, new RandomStreams(seed)).words();
  }

  /** Figures on names that no method saw (bench/README.md) come from these three seeds. */
  @Test
  void noDrawnNameOutsideTheVocabularyWasInvented() {
    Set<String> unseen = new HashSet<>();
    for (ConceptList.Concept concept : ConceptList.read(CONCEPTS).concepts()) {
      if (concept.drawn() && !concept.vocabulary()) {
        unseen.addAll(List.of(concept.name().split(" ")));
      }
    }
    assertTrue(unseen.contains("whale"));
    for (long seed = 0; seed < 3; seed++) {
      for (String text : invented(UsualText.USUAL_COUNT, seed)) {
        for (String word : text.split(" ")) {
          assertFalse(unseen.contains(word), word);
        }
      }
    }
  }

  @Test
  void inventedWordsAreNoTokensAndTakeSeveral() {
    Set<String> known = new HashSet<>(TOKENIZER.wholeWords());
    for (String word : invented(300, 3)) {
      assertFalse(known.contains(word), word);
      assertTrue(TOKENIZER.tokens(word).length >= 4, word + " is one token");
    }
  }

  @Test
  void wordsThatShareAWordWithTheConceptAreLeftOut() {
    String invented = samples(50, List.of("lion"), 0).get(1).get(0).split(" ")[0];
    assertTrue(mentions(samples(50, List.of("lion"), 0).get(1), invented));
    assertFalse(mentions(samples(50, List.of(invented), 0).get(1), invented));
  }

  private static boolean mentions(List<String> prompts, String word) {
    return prompts.stream().anyMatch(prompt -> List.of(prompt.split(" ")).contains(word));
  }

  @Test
  void theSeedDecidesTheWords() {
    assertEquals(samples(20, List.of("lion"), 5), samples(20, List.of("lion"), 5));
    assertNotEquals(samples(20, List.of("lion"), 5), samples(20, List.of("lion"), 6));
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThrows(UserError.class, () -> new UsualText.Settings(-0.1, 0));
    assertThrows(UserError.class, () -> new UsualText.Settings(Double.NaN, 0));
    assertThrows(UserError.class, () -> new UsualText.Settings(0.3, -1));
  }
}
