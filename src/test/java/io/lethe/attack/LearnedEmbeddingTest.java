// What is learned stands exactly where a word of the tokenizer would stand.
package io.lethe.attack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TextContexts;
import io.lethe.evaluate.PromptForms;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LearnedEmbeddingTest {
  private static final PromptForms FORMS =
      new PromptForms(List.of("{}", "an emoji of a {}", "a {} and a {} in noto style"));

  private final Cpu backend = new Cpu(1);
  private DiffusionModel model;

  @BeforeEach
  void open() {
    model = DiffusionModel.open(Path.of("src/main/models/emoji-sd"), DType.F32);
  }

  @AfterEach
  void close() {
    model.close();
    backend.close();
  }

  private LearnedWord word() {
    return new LearnedWord(
        backend,
        model.textEncoder(),
        model.tokenizer(),
        PlaceholderPrompt.of(model.tokenizer(), FORMS));
  }

  private TextContexts contexts() {
    return new TextContexts(backend, model.tokenizer(), model.textEncoder());
  }

  private float[] contexts(LearnedEmbedding embedding, float[] learned, int... forms) {
    try (Scope scope = Scope.root("test", DType.F32)) {
      Value value = Value.constant(Tensor.of("learned", embedding.shape(), learned));
      return embedding.contexts(Tape.noGrad(backend, scope), value, forms).data().floats().clone();
    }
  }

  @Test
  void placeholderPromptsHaveTheTokenizersIds() {
    List<PlaceholderPrompt> prompts = PlaceholderPrompt.of(model.tokenizer(), FORMS);
    int castle = model.tokenizer().encode("castle").ids()[1];
    for (int form = 0; form < FORMS.count(); form++) {
      int[] ids = prompts.get(form).ids().clone();
      for (int position : prompts.get(form).positions()) {
        ids[position] = castle;
      }
      assertArrayEquals(model.tokenizer().encode(FORMS.prompt(form, "castle")).ids(), ids);
    }
    assertEquals(2, prompts.get(2).positions().length);
    PromptForms endless = new PromptForms(List.of("owl ".repeat(40) + "{}"));
    assertThrows(UserError.class, () -> PlaceholderPrompt.of(model.tokenizer(), endless));
  }

  /** Bit by bit: adding to zero and multiplying by one round nothing. */
  @Test
  void theEmbeddingOfAKnownWordGivesItsContexts() {
    LearnedWord word = word();
    float[] actual = contexts(word, word.of("castle"), 2, 0, 1);
    int size = actual.length / 3;
    int[] forms = {2, 0, 1};
    for (int n = 0; n < forms.length; n++) {
      assertArrayEquals(
          contexts().get(FORMS.prompt(forms[n], "castle")),
          Arrays.copyOfRange(actual, n * size, (n + 1) * size),
          FORMS.templates().get(forms[n]));
    }
  }

  @Test
  void aContextIsTheSameForEveryForm() {
    LearnedContext context = new LearnedContext(contexts());
    float[] castle = context.of("castle");
    float[] actual = contexts(context, castle, 1, 2);
    assertArrayEquals(castle, Arrays.copyOf(actual, castle.length));
    assertArrayEquals(castle, Arrays.copyOfRange(actual, castle.length, actual.length));
  }

  @Test
  void startsAreOtherWordsAndRandomPointsByTurns() {
    LearnedWord word = word();
    List<String> names =
        List.of(
            "lion",
            "castle",
            "pizza",
            "bear",
            "zebra",
            "owl",
            "taxi",
            "strawberry",
            "wolf",
            "fire engine");
    Start[] starts = new Start[4];
    for (int r = 0; r < starts.length; r++) {
      starts[r] = Start.draw(word, model.tokenizer(), names, "lion", r, new RandomStreams(5));
      Start again = Start.draw(word, model.tokenizer(), names, "lion", r, new RandomStreams(5));
      assertArrayEquals(starts[r].values(), again.values());
    }
    assertTrue(starts[0].initial().matches("word \"(?!lion|fire engine).+\""), starts[0].initial());
    assertEquals("random", starts[1].initial());
    assertEquals("random", starts[3].initial());
    assertNotEquals(starts[1].values()[0], starts[3].values()[0]);
    String name = starts[0].initial().split("\"")[1];
    assertArrayEquals(word.of(name), starts[0].values());
  }
}
