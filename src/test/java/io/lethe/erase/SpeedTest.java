// SPEED on the bundled model.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.diffusion.TextContexts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpeedTest {
  private static ErasureMethod speed(Map<String, String> options) {
    return Methods.create(
        "speed",
        new MethodOptions(options),
        true,
        new Methods.Surroundings(List.of(), null, List.of()));
  }

  private static Map<String, float[]> edited(
      EmojiModel emoji, Map<String, String> options, String... concepts) {
    ErasedModel model = speed(options).erase(emoji.run(EmojiModel.request(3, concepts)));
    assertEquals(0, model.unetPasses());
    return model.weights().get("unet");
  }

  @Test
  void editsValuesAloneAsPublished() {
    try (EmojiModel emoji = new EmojiModel(1)) {
      Map<String, float[]> weights = edited(emoji, Map.of(), "lion");
      assertEquals(4, weights.size());
      weights.keySet().forEach(name -> assertTrue(name.endsWith(".attn2.to_v.weight"), name));
      assertEquals(8, edited(emoji, Map.of("params", "kv"), "lion").size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"few", "celebrities", "nudity", "small"})
  void sameBytesForAnyNumberOfThreads(String task) {
    try (EmojiModel one = new EmojiModel(1);
        EmojiModel three = new EmojiModel(3)) {
      Map<String, String> options = Map.of("task", task);
      Map<String, float[]> alone = edited(one, options, "lion", "taxi");
      Map<String, float[]> shared = edited(three, options, "lion", "taxi");
      assertFalse(alone.isEmpty());
      alone.forEach((name, values) -> assertArrayEquals(values, shared.get(name), name));
    }
  }

  /** The start token is an invariant: W' s = W s up to the rounding of W'. */
  @Test
  void theStartTokenReadsAsBefore() {
    try (EmojiModel emoji = new EmojiModel(1)) {
      float[] start =
          new TextContexts(emoji.backend, emoji.model.tokenizer(), emoji.model.textEncoder())
              .lastContent("");
      edited(emoji, Map.of(), "lion")
          .forEach((name, after) -> {
            float[] before = emoji.model.folder().weights("unet").get(name).toFloats();
            double change = 0;
            double moved = 0;
            for (int i = 0; i < after.length; i += start.length) {
              double difference = 0;
              for (int j = 0; j < start.length; j++) {
                double delta = (double) after[i + j] - before[i + j];
                difference += delta * start[j];
                moved += delta * delta;
              }
              change += difference * difference;
            }
            assertTrue(moved > 1e-4, name + " " + moved);
            assertTrue(Math.sqrt(change) <= 1e-4 * Math.sqrt(moved), name + " " + change);
          });
    }
  }

  @Test
  void mistakesAreNamed() {
    for (Map<String, String> wrong :
        List.of(
            Map.of("task", "many"),
            Map.of("params", "q"),
            Map.of("threshold", "0"),
            Map.of("retain-scale", "-1"),
            Map.of("slack", "-1"),
            Map.of("copies", "-1"))) {
      String option = "--" + wrong.keySet().iterator().next();
      String message = assertThrows(UserError.class, () -> speed(wrong)).getMessage();
      assertTrue(message.contains(option), message);
    }
    try (EmojiModel emoji = new EmojiModel(1)) {
      ErasureMethod two = speed(Map.of("guide", "a|b"));
      ErasureRun run = emoji.run(EmojiModel.request(0, "lion"));
      String message = assertThrows(UserError.class, () -> two.erase(run)).getMessage();
      assertTrue(message.contains("--guide"), message);
    }
  }
}
