// Which words an adversarial eraser may protect.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.TextContexts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VocabularyTest {
  @Test
  void entriesThatShareAWholeWordWithTheTargetGo() {
    Vocabulary vocabulary =
        new Vocabulary(
            List.of("church", "Church bell", "churchyard", "bell tower", "CHURCH", "t-rex"));
    assertEquals(
        List.of("churchyard", "bell tower", "t-rex"),
        vocabulary.without(List.of("Church")).words());
    assertEquals(
        List.of("church", "churchyard", "CHURCH", "t-rex"),
        vocabulary.without(List.of("a bell")).words());
    assertEquals(5, vocabulary.without(List.of("rex")).words().size(), "a hyphen parts words");
    assertEquals(
        List.of("churchyard"), vocabulary.without(List.of("church", "t-rex", "tower")).words());
  }

  @Test
  void wordsOfEveryScriptAreWords() {
    Vocabulary vocabulary = new Vocabulary(List.of("кот", "КОТ и пёс", "котёнок", "église"));
    assertEquals(List.of("котёнок", "église"), vocabulary.without(List.of("Кот")).words());
    assertEquals(3, vocabulary.without(List.of("Église")).words().size());
  }

  @Test
  void anEmptyVocabularyIsTheUsersMistake() {
    assertThrows(UserError.class, () -> new Vocabulary(List.of()));
    Vocabulary one = new Vocabulary(List.of("lion", "lion", "Lion face"));
    assertEquals(2, one.words().size(), "doubles count once");
    String message = assertThrows(UserError.class, () -> one.without(List.of("lion"))).getMessage();
    assertTrue(message.contains("lion"), message);
  }

  @Test
  void candidatesAreTheNearestContexts() {
    try (EmojiModel emoji = new EmojiModel(1)) {
      TextContexts contexts =
          new TextContexts(emoji.backend, emoji.model.tokenizer(), emoji.model.textEncoder());
      List<String> words =
          List.of("tiger face", "bear", "pizza", "castle", "wolf", "guitar", "taxi", "owl");
      Vocabulary vocabulary = new Vocabulary(words);
      List<String> byDistance = new ArrayList<>(words);
      byDistance.sort(
          Comparator.comparingDouble(word -> distance(contexts.get(word), contexts.get("lion"))));
      assertEquals(byDistance.subList(0, 3), vocabulary.candidates("lion", 3, 0, contexts));
      assertEquals(byDistance, vocabulary.candidates("lion", 100, 8, contexts));
      // Shells of equal distance: the nearest to each centre, from near to far.
      List<String> shells = vocabulary.candidates("lion", 8, 3, contexts);
      assertTrue(!shells.isEmpty() && shells.size() <= 3 && words.containsAll(shells), "" + shells);
      assertEquals(shells, vocabulary.candidates("lion", 8, 3, contexts));
    }
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow((double) a[i] - b[i], 2);
    }
    return sum;
  }
}
