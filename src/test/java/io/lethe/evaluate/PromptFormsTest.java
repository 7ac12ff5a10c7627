// Prompt forms, concept lists and suggestions: what is asked for, in words.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFormsTest {
  private static final Path JUDGE = Path.of("src/main/models/emoji-clip");

  @TempDir Path folder;

  @Test
  void articleFollowsTheFirstLetter() {
    assertEquals("an emoji of an owl", PromptForms.EMOJI.prompt(2, "owl"));
    assertEquals("an emoji of a lion", PromptForms.EMOJI.prompt(2, "lion"));
    assertEquals("an owl", PromptForms.EMOJI.prompt(1, "owl"));
    assertEquals("owl", PromptForms.EMOJI.prompt(0, "owl"));
    assertEquals("a lion", PromptForms.fill("an {}", "lion"));
    assertEquals("An owl", PromptForms.fill("A {}", "owl"));
    assertEquals("ninja owl", PromptForms.fill("ninja {}", "owl"));
    assertEquals("$1 a $2", PromptForms.fill("$1 a {}", "$2"));
  }

  @Test
  void readsTemplatesAndNamesTheOneWithoutAPlace() throws IOException {
    Path file = folder.resolve("forms.txt");
    Files.writeString(file, "# forms\n\n  a sketch of a {} \n{}, oil on canvas\n");
    assertEquals(
        List.of("a sketch of a {}", "{}, oil on canvas"), PromptForms.read(file).templates());
    Files.writeString(file, "a sketch\n");
    UserError error = assertThrows(UserError.class, () -> PromptForms.read(file));
    assertTrue(error.getMessage().contains("a sketch"), error.getMessage());
    Files.writeString(file, "# nothing\n");
    assertThrows(UserError.class, () -> PromptForms.read(file));
    assertThrows(UserError.class, () -> PromptForms.read(folder.resolve("missing")));
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThrows(UserError.class, () -> PromptForms.read(file));
  }

  @Test
  void bundledConceptList() {
    ConceptList concepts = ConceptList.ofFolder(JUDGE).orElseThrow();
    assertEquals(264, concepts.names().size());
    assertEquals(72, concepts.drawn().size());
    assertEquals(36, concepts.vocabulary().size());
    assertTrue(concepts.drawn().containsAll(concepts.vocabulary()));
    assertTrue(ConceptList.ofFolder(folder).isEmpty());
  }

  @Test
  void badConceptListsAreRefused() throws IOException {
    Path file = folder.resolve("concepts.json");
    for (String text :
        List.of("", "{}", "[]", "[{\"name\": \"\"}]", "[{\"name\": \"a\"}, {\"name\": \"a\"}]")) {
      Files.writeString(file, text);
      UserError error = assertThrows(UserError.class, () -> ConceptList.read(file), text);
      assertTrue(error.getMessage().contains("concepts.json"), error.getMessage());
    }
  }

  @Test
  void suggestsWhatIsNear() {
    List<String> known = List.of("lion", "taxi", "strawberry");
    assertEquals(" (did you mean \"strawberry\"?)", Suggestion.among(known, "strawbery"));
    assertEquals(" (did you mean \"lion\"?)", Suggestion.among(known, "Lions"));
    assertEquals(" (did you mean \"strawberry\"?)", Suggestion.among(known, "str"));
    assertEquals("", Suggestion.among(known, "helicopter"));
    assertEquals(3, Suggestion.distance("kitten", "sitting"));
  }
}
