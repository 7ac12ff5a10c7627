// Token ids against the golden ones, and what is cut, on CLIP's own and the bundled vocabulary.
package io.lethe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ClipTokenizerTest {
  private static final Path BUNDLED = Path.of("src/main/models/emoji-sd/tokenizer");
  private static final Path CLIP = golden("/golden/clip-bpe");
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load(CLIP);

  static Path golden(String resource) {
    try {
      return Path.of(ClipTokenizerTest.class.getResource(resource).toURI());
    } catch (URISyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Test
  void everyGoldenTextHasItsIdsPlainAndPadded() {
    JsonNode cases = JsonFile.MAPPER.readTree(JsonFile.bytes(golden("/golden/tokenizer.json")));
    assertEquals(52, cases.size());
    for (JsonNode example : cases) {
      String text = example.get("text").stringValue();
      assertArrayEquals(ints(example.get("ids")), TOKENIZER.tokens(text), text);
      assertArrayEquals(ints(example.get("padded")), TOKENIZER.encode(text).ids(), text);
    }
  }

  private static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = array.get(i).intValue();
    }
    return ints;
  }

  @Test
  void theSecondTimeComesFromTheCacheAndIsTheSame() {
    assertArrayEquals(
        TOKENIZER.tokens("Antidisestablishment it's"),
        TOKENIZER.tokens("antidisestablishment it's"));
    assertArrayEquals(TOKENIZER.tokens("it's"), TOKENIZER.tokens("it's"));
  }

  @Test
  void theBundledVocabularyHasItsOwnIdsAndLength() {
    ClipTokenizer bundled = ClipTokenizer.load(BUNDLED);
    assertEquals(32, bundled.contextLength());
    assertEquals(1629, bundled.vocabularySize());
    assertEquals(1628, bundled.padId());
    int[] ids = {1627, 522, 515, 520, 320, 569, 556, 1628};
    assertArrayEquals(ids, bundled.tokens("an emoji of a lion"));
    Encoding encoding = bundled.encode("An  Emoji of a LION");
    assertEquals(8, encoding.tokens());
    assertEquals(7, encoding.endPosition());
    assertEquals(6, encoding.contentTokens());
    assertArrayEquals(ids, Arrays.copyOf(encoding.ids(), 8));
    assertFalse(encoding.isCut());
    ClipTokenizer judge = ClipTokenizer.load(Path.of("src/main/models/emoji-clip"));
    assertArrayEquals(ids, judge.tokens("an emoji of a lion"));
  }

  @Test
  void whatDoesNotFitIsNamedAsWritten() {
    String prompt = "cat ".repeat(74) + "Dog Élan, zebra";
    Encoding encoding = TOKENIZER.encode(prompt);
    assertEquals(77, encoding.tokens());
    assertEquals(List.of("Élan,", "zebra"), encoding.cutWords());
    assertEquals(TOKENIZER.endId(), encoding.ids()[76]);
    assertEquals("dog", TOKENIZER.decode(encoding.ids()[75]));
    assertTrue(TOKENIZER.encode("cat ".repeat(75)).cutWords().isEmpty());
  }

  @Test
  void aWordThatIsCutInTheMiddleIsNamedToo() {
    Encoding encoding = TOKENIZER.encode("cat ".repeat(74) + "supercalifragilistic");
    assertEquals(List.of("supercalifragilistic"), encoding.cutWords());
    assertEquals(77, encoding.tokens());
  }

  @Test
  void emptyAndBlankPromptsAreBeginAndEnd() {
    for (String blank : List.of("", " ", "\t\n\u00a0\u3000")) {
      Encoding encoding = TOKENIZER.encode(blank);
      assertEquals(2, encoding.tokens());
      assertEquals(TOKENIZER.beginId(), encoding.ids()[0]);
      assertEquals(TOKENIZER.endId(), encoding.ids()[1]);
      assertEquals(TOKENIZER.padId(), encoding.ids()[2]);
    }
  }

  @Test
  void halfASurrogatePairIsTheReplacementCharacter() {
    assertArrayEquals(TOKENIZER.tokens("a\uFFFDb"), TOKENIZER.tokens("a\uD83Db"));
  }

  @Test
  void decodingGivesTheWordsBack() {
    String text = "a naïve café , 日本語 🐶 !";
    assertEquals(
        "<|startoftext|>a naïve café , 日本語 🐶 ! <|endoftext|>",
        TOKENIZER.decode(TOKENIZER.tokens(text)));
  }

  @Test
  void wholeWordsAreSingleTokensOfLetters() {
    List<String> words = TOKENIZER.wholeWords();
    assertTrue(words.size() > 30_000, "only " + words.size());
    assertEquals(words.size(), new HashSet<>(words).size());
    assertTrue(words.containsAll(List.of("cat", "church", "café", "van")));
    assertFalse(words.contains("a"));
    for (String word : words) {
      assertEquals(3, TOKENIZER.tokens(word).length, word);
    }
    List<String> bundled = ClipTokenizer.load(BUNDLED).wholeWords();
    assertTrue(bundled.contains("emoji"));
    assertFalse(bundled.contains("lion")); // two tokens there
  }

  @Test
  void hostileTextsTakeLinearTime() {
    List<String> hostile =
        List.of(
            "a".repeat(500_000),
            "ab".repeat(250_000),
            "\u0301\u0323".repeat(250_000),
            "'".repeat(500_000),
            "<|".repeat(250_000),
            "a ".repeat(250_000),
            "🐶".repeat(250_000));
    for (String text : hostile) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(5), () -> assertEquals(77, TOKENIZER.encode(text).tokens()));
    }
    assertThrows(UserError.class, () -> TOKENIZER.encode("a".repeat(1_000_001)));
  }
}
