// Odd, conflicting and malformed tokenizer files.
package io.lethe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerFilesTest {
  private static final String SPECIAL = "\"<|startoftext|>\": 10, \"<|endoftext|>\": 11";
  private static final String VOCABULARY =
      """
      {"!": 0, "!</w>": 1, "a": 2, "b": 3, "a</w>": 4, "b</w>": 5,
       "ab</w>": 6, "aa": 7,
      """;

  @TempDir private Path folder;

  @BeforeEach
  void smallTokenizer() throws IOException {
    write("vocab.json", VOCABULARY + SPECIAL + "}");
    write("merges.txt", "#version: 0.2\na b</w>\na a\n");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private UserError refused() {
    return assertThrows(UserError.class, () -> ClipTokenizer.load(folder));
  }

  private void assertRefused(String... parts) {
    String message = refused().getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), "no " + part + " in: " + message);
    }
    assertEquals(1, message.lines().count(), message);
  }

  @Test
  void withoutConfigurationClipsDefaultsHold() {
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    assertEquals(77, tokenizer.contextLength());
    assertEquals(11, tokenizer.padId());
    assertArrayEquals(new int[] {10, 7, 6, 11}, tokenizer.tokens("AAAB"));
    assertEquals(24, ClipTokenizer.load(folder, 24).contextLength());
  }

  @Test
  void aByteThatTheVocabularyLacksIsUnknown() {
    assertArrayEquals(new int[] {10, 2, 11, 5, 11}, ClipTokenizer.load(folder).tokens("azb"));
  }

  @Test
  void theSpecialTokensMapWinsOverTheConfiguration() throws IOException {
    write("tokenizer_config.json", "{\"pad_token\": \"<|endoftext|>\", \"model_max_length\": 8}");
    write("special_tokens_map.json", "{\"pad_token\": {\"content\": \"!\", \"lstrip\": false}}");
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    Encoding encoding = tokenizer.encode("ab! !");
    // A literal "!" is the padding token, as in transformers.
    assertArrayEquals(new int[] {10, 6, 0, 0, 11, 0, 0, 0}, encoding.ids());
    assertEquals(5, encoding.tokens());
  }

  @Test
  void anEnormousLengthMeansUnknown() throws IOException {
    write("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");
    assertEquals(77, ClipTokenizer.load(folder).contextLength());
  }

  @Test
  void aLengthUnlikeTheTextEncodersIsRefused() throws IOException {
    write("tokenizer_config.json", "{\"model_max_length\": 77}");
    UserError error = assertThrows(UserError.class, () -> ClipTokenizer.load(folder, 32));
    assertTrue(error.getMessage().contains("77") && error.getMessage().contains("32"));
  }

  @Test
  void missingFilesAreNamed() throws IOException {
    Files.delete(folder.resolve("merges.txt"));
    assertRefused("merges.txt", "no file");
    Files.delete(folder.resolve("vocab.json"));
    assertRefused("vocab.json", "no file");
  }

  @Test
  void malformedVocabulariesAreRefusedWithTheLine() throws IOException {
    String[] broken = {
      "",
      "[]",
      "{\"a\": 0",
      "{\"a\": 0}}",
      "{\"a\": 0} x",
      "{\"a\": 1.5}",
      "{\"a\": \"0\"}",
      "{\"a\": -1}",
      "{\"a\": 4000000}",
      "{\"a\": 99999999999999999999}",
      "{\"a\": null}",
      "{\"a\": 0, \"b\": 0}",
      "{\"a\": 0, \"a\": 1}",
      "{\"a\": {}}",
      "{\"a\":\n\n nope}"
    };
    for (String text : broken) {
      write("vocab.json", text);
      assertRefused("vocab.json", "line " + Math.max(1, text.lines().count()));
    }
    write("vocab.json", "{}");
    assertRefused("vocab.json", "empty");
    write("vocab.json", "{\"a\": 0}");
    assertRefused("vocab.json", "<|startoftext|>");
  }

  @Test
  void malformedMergesAreRefusedWithTheLine() throws IOException {
    String[] broken = {"a", " a", "a ", "a  b</w>", "a b</w> a", "", "a q", "b a", "#version: 0.2"};
    for (String line : broken) {
      write("merges.txt", "#version: 0.2\na b</w>\n" + line + "\na a\n");
      assertRefused("merges.txt", "line 3");
    }
    Files.write(
        folder.resolve("merges.txt"), "a a\n\u00e9 a".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused("merges.txt", "line 2", "UTF-8");
  }

  @Test
  void windowsLineEndsAreFine() throws IOException {
    write("merges.txt", "#version: 0.2\r\na b</w>\r\na a\r\n");
    assertArrayEquals(new int[] {10, 6, 11}, ClipTokenizer.load(folder).tokens("ab"));
  }

  @Test
  void namesFromTheFileCannotForgeALine() throws IOException {
    write("vocab.json", "{\"x\\u001b[31m\\ny\": -1}");
    assertTrue(refused().getMessage().contains("\\u001b[31m\\u000ay"));
  }

  @Test
  void unsupportedOrMalformedConfigurationsAreRefused() throws IOException {
    String[] broken = {
      "[]",
      "{",
      "{\"tokenizer_class\": \"T5Tokenizer\"}",
      "{\"pad_token\": 0}",
      "{\"pad_token\": {}}",
      "{\"pad_token\": \"\"}",
      "{\"bos_token\": \"<none>\"}",
      "{\"model_max_length\": 1}",
      "{\"model_max_length\": 7.5}",
      "{\"model_max_length\": \"77\"}",
      "{\"added_tokens_decoder\": {\"12\": {\"content\": \"<my token>\"}}}",
      "{\"added_tokens_decoder\": {\"12\": {}}}"
    };
    for (String text : broken) {
      write("tokenizer_config.json", text);
      assertEquals(1, refused().getMessage().lines().count());
    }
  }
}
