// A config gives defaults for missing keys and lets no unknown key pass that could matter.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ComponentConfigTest {
  @TempDir Path folder;

  @Test
  void valuesAndDefaults() {
    ComponentConfig config =
        config(
            "{'i':3,'r':1e-5,'n':7,'f':true,'none':null,'t':'silu','is':[1,2],'rs':[0.5,1],"
                + "'ts':['a','b']}");
    assertEquals(3, config.integer("i", 9));
    assertEquals(9, config.integer("absent", 9));
    assertEquals(3, config.integer("i"));
    assertEquals(1e-5, config.real("r", 1));
    assertEquals(7, config.real("n", 1));
    assertEquals(0.5, config.real("absent", 0.5));
    assertTrue(config.flag("f", false));
    assertTrue(config.flag("absent", true));
    assertFalse(config.flag("none", true), "null is not true");
    assertEquals("silu", config.text("t", "gelu"));
    assertEquals(List.of(1, 2), config.integers("is", List.of()));
    assertEquals(List.of(0.5, 1.0), config.reals("rs", List.of()));
    assertEquals(List.of("a", "b"), config.texts("ts", List.of()));
    assertEquals(List.of("c"), config.texts("absent", List.of("c")));
    assertEquals(List.of(3, 3), config.integersPerLevel("i", 1, 2));
    assertEquals(List.of(1, 2), config.integersPerLevel("is", 1, 2));
    assertEquals(List.of(1, 1, 1), config.integersPerLevel("absent", 1, 3));
    assertFalse(config.has("none"));
    assertFalse(config.has("absent"));
    assertEquals(List.of(), config.finish());
  }

  @Test
  void wrongValuesAreNamed() {
    ComponentConfig config =
        config("{'i':'x','b':3000000000,'h':1.5,'none':null,'is':[1,'2'],'t':1,'f':1,'s':[]}");
    for (Executable wrong :
        List.<Executable>of(
            () -> config.integer("i", 1),
            () -> config.integer("b", 1),
            () -> config.integer("h", 1),
            () -> config.integer("none", 1),
            () -> config.integer("absent"),
            () -> config.integers("is", List.of()),
            () -> config.integers("i", List.of()),
            () -> config.integersPerLevel("is", 1, 3),
            () -> config.real("i", 1),
            () -> config.text("t", ""),
            () -> config.flag("f", true),
            () -> config.section("s"),
            () -> config.mustBe("t", "default"),
            () -> config.mustBe("h", 1),
            () -> config.mustBe("f", false))) {
      UserError error = assertThrows(UserError.class, wrong);
      assertTrue(error.getMessage().contains("config.json"), error.getMessage());
      assertTrue(error.getMessage().contains("key \""), error.getMessage());
    }
  }

  @Test
  void mustBeAcceptsTheOneValueAndAbsence() {
    ComponentConfig config = config("{'type':'default','kernel':3,'scale':1.0,'flag':false}");
    config.mustBe("type", "default");
    config.mustBe("kernel", 3);
    config.mustBe("scale", 1);
    config.mustBe("flag", false);
    config.mustBe("absent", "x");
    assertEquals(List.of(), config.finish());
  }

  @Test
  void unknownKeysThatAreNullOrFalseAreNoted() {
    ComponentConfig config =
        config("{'new_idea':null,'newer_idea':false,'text_config':{'z':null}}");
    config.section("text_config");
    List<String> notes = config.finish();
    assertEquals(3, notes.size());
    assertTrue(notes.get(0).contains("\"new_idea\" is null"), notes.get(0));
    assertTrue(notes.get(2).contains("\"text_config.z\""), notes.get(2));
  }

  @Test
  void otherUnknownKeysAreRefused() {
    for (String value : List.of("true", "0", "1", "'x'", "[]", "{}", "''")) {
      UserError error = assertThrows(UserError.class, config("{'new_idea':" + value + "}")::finish);
      assertTrue(error.getMessage().contains("\"new_idea\""), error.getMessage());
    }
  }

  @Test
  void keysWithoutEffectPass() {
    ComponentConfig config =
        config(
            "{'_class_name':'X','architectures':['A'],'torch_dtype':'float16','dropout':0.0,"
                + "'attention_dropout':0,'initializer_range':0.02,'transformers_version':'5'}");
    assertEquals(List.of(), config.finish());
    UserError error = assertThrows(UserError.class, config("{'attention_dropout':0.1}")::finish);
    assertTrue(error.getMessage().contains("attention_dropout"));
  }

  @Test
  void anOldClipConfigsSecondTextConfigHolds() {
    ComponentConfig config =
        config("{'text_config':{'a':1,'b':2},'text_config_dict':{'b':3},'vision_config':null}");
    ComponentConfig text = config.section("text_config");
    assertEquals(1, text.integer("a", 0));
    assertEquals(3, text.integer("b", 0));
    assertEquals(8, config.section("vision_config").integer("c", 8));
    assertEquals(List.of(), config.finish());
  }

  @Test
  void filesThatAreNoJsonObjectsAreNamed() throws IOException {
    for (String text : List.of("", "[]", "{", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "\u0000")) {
      Path file = Files.writeString(folder.resolve("config.json"), text);
      UserError error = assertThrows(UserError.class, () -> ComponentConfig.read(file));
      assertTrue(error.getMessage().contains("config.json"), error.getMessage());
    }
    Path deep = Files.writeString(folder.resolve("config.json"), "{\"a\":" + "[".repeat(100_000));
    assertThrows(UserError.class, () -> ComponentConfig.read(deep));
    assertThrows(UserError.class, () -> ComponentConfig.read(folder.resolve("absent.json")));
  }

  private ComponentConfig config(String json) {
    try {
      return ComponentConfig.read(
          Files.writeString(folder.resolve("config.json"), json.replace('\'', '"')));
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
