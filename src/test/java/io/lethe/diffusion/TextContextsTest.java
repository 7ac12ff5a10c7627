// A prompt's context is the same bytes however it is asked for.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lethe.autograd.Tape;
import io.lethe.backend.cpu.Cpu;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.text.Encoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** At every vector width, since the kernels decide it. */
@Tag("kernels")
final class TextContextsTest {
  /** One token and several, blank, equal ids, shared beginnings, longer than the context. */
  private static final List<String> PROMPTS =
      List.of(
          "lion",
          "Lion",
          "",
          "owl",
          "tiger face",
          "hot air balloon",
          "an emoji of a lion",
          "an emoji of a taxi",
          "an emoji of a hot air balloon",
          "a lion and a tiger and a bear and a wolf and a fox and a dog and a cat and a horse and"
              + " an owl and a frog");

  private static DiffusionModel model;
  private static Cpu backend;
  private static final Map<String, float[]> EXPECTED = new LinkedHashMap<>();

  /** The contexts of one plain forward of all prompts, whole. */
  @BeforeAll
  static void forwardWhole() {
    model = DiffusionModel.open(Path.of("src/main/models/emoji-sd"), DType.F32);
    backend = new Cpu(2);
    int[][] ids =
        PROMPTS.stream().map(p -> model.tokenizer().encode(p).ids()).toArray(int[][]::new);
    try (Scope scope = Scope.root("test", DType.F32)) {
      float[] states =
          model
              .textEncoder()
              .forward(Tape.noGrad(backend, scope), ids)
              .lastHiddenState()
              .data()
              .floats();
      int size = ids[0].length * model.textEncoder().config().hiddenSize();
      for (int n = 0; n < ids.length; n++) {
        EXPECTED.put(PROMPTS.get(n), Arrays.copyOfRange(states, n * size, (n + 1) * size));
      }
    }
  }

  @AfterAll
  static void close() {
    model.close();
    backend.close();
  }

  private static TextContexts contexts() {
    return new TextContexts(backend, model.tokenizer(), model.textEncoder());
  }

  @Test
  void alone() {
    for (ContextReach reach : ContextReach.values()) {
      for (String prompt : PROMPTS) {
        compare(contexts(), prompt, reach);
      }
    }
  }

  @Test
  void togetherInAnyOrderAndInManyBatches() {
    List<String> many = new ArrayList<>(PROMPTS);
    for (int i = 0; i < 700; i++) {
      many.add("an emoji of a number " + i);
      many.add("owl" + (char) ('a' + i % 26) + (char) ('a' + i / 26));
    }
    for (ContextReach reach : ContextReach.values()) {
      TextContexts forward = contexts();
      forward.prepare(many, reach);
      TextContexts backward = contexts();
      backward.prepare(many.reversed(), reach);
      for (String prompt : PROMPTS) {
        compare(forward, prompt, reach);
        compare(backward, prompt, reach);
      }
      for (String prompt : many.subList(PROMPTS.size(), PROMPTS.size() + 40)) {
        assertArrayEquals(
            contexts().rows(prompt, reach), forward.rows(prompt, reach), prompt + " " + reach);
      }
    }
  }

  @Test
  void aLongerReachAfterAShorterOne() {
    TextContexts contexts = contexts();
    for (ContextReach reach : ContextReach.values()) {
      contexts.prepare(PROMPTS, reach);
      for (String prompt : PROMPTS) {
        compare(contexts, prompt, reach);
      }
    }
    for (String prompt : PROMPTS) {
      compare(contexts, prompt, ContextReach.CONTENT);
    }
  }

  @Test
  void theLastTokenOfTheText() {
    TextContexts contexts = contexts();
    int width = contexts.width();
    for (String prompt : PROMPTS) {
      Encoding encoding = model.tokenizer().encode(prompt);
      int at = encoding.contentTokens();
      assertArrayEquals(
          Arrays.copyOfRange(EXPECTED.get(prompt), at * width, (at + 1) * width),
          contexts.lastContent(prompt),
          prompt);
    }
    assertArrayEquals(
        Arrays.copyOf(EXPECTED.get(""), width),
        contexts.lastContent(" "),
        "a blank text has the start token alone");
  }

  private static void compare(TextContexts contexts, String prompt, ContextReach reach) {
    float[] rows = contexts.rows(prompt, reach);
    int count = reach.rows(model.tokenizer().encode(prompt));
    assertEquals(count * contexts.width(), rows.length, prompt + " " + reach);
    assertArrayEquals(Arrays.copyOf(EXPECTED.get(prompt), rows.length), rows, prompt + " " + reach);
  }
}
