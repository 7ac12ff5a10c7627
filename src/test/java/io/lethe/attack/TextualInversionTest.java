// A whole attack with few steps: the same bytes for any number of threads, and what it writes.
package io.lethe.attack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.attack.TextualInversion.Embedding;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.ClipJudge;
import io.lethe.evaluate.PromptForms;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TextualInversionTest {
  private static final Path MODEL = Path.of("src/main/models/emoji-sd");
  private static final Path JUDGE = Path.of("src/main/models/emoji-clip");

  @TempDir Path folder;
  private final Arena arena = Arena.ofShared();
  private DiffusionModel model;

  @BeforeEach
  void open() {
    model = DiffusionModel.open(MODEL, DType.F32);
  }

  @AfterEach
  void close() {
    model.close();
    arena.close();
  }

  private static TextualInversion.Settings settings(Embedding embedding, int steps) {
    return new TextualInversion.Settings(embedding, steps, 2, 3, 0.02, 2, PromptForms.EMOJI, 4, 2);
  }

  /** The base attacked by itself: enough for what does not depend on the edit. */
  private AttackRun run(Cpu backend, String concept, BooleanSupplier cancelled) {
    return new AttackRun(
        backend,
        model,
        model,
        ClipJudge.open(JUDGE, List.of(), backend, arena),
        PromptForms.EMOJI,
        concept,
        List.of(),
        3,
        ProgressListener.silent(),
        cancelled);
  }

  private InversionResult attack(int threads, Embedding embedding, int steps) {
    try (Cpu backend = new Cpu(threads)) {
      return new TextualInversion(settings(embedding, steps)).run(run(backend, "owl", () -> false));
    }
  }

  @Test
  void theSameSeedGivesTheSameBytesForAnyNumberOfThreads() {
    for (Embedding embedding : Embedding.values()) {
      InversionResult one = attack(1, embedding, 2);
      InversionResult two = attack(2, embedding, 2);
      for (int r = 0; r < 2; r++) {
        InversionResult.Restart restart = one.restarts().get(r);
        assertArrayEquals(restart.embedding(), two.restarts().get(r).embedding());
        assertArrayEquals(restart.losses(), two.restarts().get(r).losses());
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(
              restart.shown().pictures().get(i).rgb(),
              two.restarts().get(r).shown().pictures().get(i).rgb());
        }
      }
      AttackFiles files = new AttackFiles(one);
      assertEquals(files.summary(Map.of()), new AttackFiles(two).summary(Map.of()));
      assertFalse(
          Arrays.equals(one.restarts().get(0).embedding(), one.restarts().get(1).embedding()));
    }
  }

  @Test
  void whatIsLearnedIsWhatIsDrawn() {
    InversionResult still = attack(1, Embedding.WORD, 0);
    InversionResult moved = attack(1, Embedding.WORD, 2);
    InversionResult.Restart start = still.restarts().getFirst();
    InversionResult.Restart end = moved.restarts().getFirst();
    assertEquals(start.initial(), end.initial());
    assertEquals(0, start.losses().length);
    assertTrue(Double.isNaN(start.lossLast()));
    double farthest = 0;
    for (int i = 0; i < start.embedding().length; i++) {
      farthest = Math.max(farthest, Math.abs(start.embedding()[i] - end.embedding()[i]));
    }
    assertEquals(0.02 + 0.01, farthest, 0.003, "two steps of Adam at a falling rate");
    assertFalse(alike(start.shown(), end.shown()), "another embedding, other pictures");
    assertTrue(alike(still.model(), moved.model()), "nothing else has changed");
  }

  private static boolean alike(InversionResult.Shown one, InversionResult.Shown other) {
    for (int i = 0; i < one.pictures().size(); i++) {
      Picture picture = other.pictures().get(i);
      if (!Arrays.equals(one.pictures().get(i).rgb(), picture.rgb())) {
        return false;
      }
    }
    return true;
  }

  @Test
  void theFilesSayWhatWasFound() throws IOException {
    InversionResult result = attack(1, Embedding.WORD, 2);
    new AttackFiles(result).write(folder, Map.of("seconds", 1.5));
    JsonNode json = new JsonMapper().readTree(Files.readString(folder.resolve("attack.json")));
    assertEquals("textual-inversion", json.path("method").asString());
    assertEquals("owl", json.path("concept").asString());
    assertEquals("word", json.path("embedding").asString());
    assertEquals(2, json.path("steps").asInt());
    assertEquals(3, json.path("seed").asInt());
    assertEquals(2, json.path("restarts").size());
    JsonNode row = json.path("restarts").path(1);
    assertEquals("random", row.path("initial").asString());
    assertEquals(4, row.path("pictures").asInt());
    assertEquals(row.path("successes").asInt() / 4.0, row.path("success_rate").asDouble());
    assertEquals(result.restarts().get(1).losses()[0], row.path("loss_first").asDouble());
    assertEquals(result.restarts().get(1).losses()[1], row.path("loss_last").asDouble());
    assertEquals(result.best().value(), json.path("best").asDouble());
    assertEquals(result.mean().value(), json.path("mean").asDouble());
    assertEquals(model.folder().hash(), json.path("base_hash").asString());
    assertEquals(model.folder().hash(), json.path("model_hash").asString());
    assertTrue(json.path("judge").asString().startsWith("emoji-clip sha256:"));
    assertEquals(1.5, json.path("measured").path("seconds").asDouble());

    TensorView embedding =
        SafeTensorsFile.open(folder.resolve("embedding.safetensors"), arena).tensor("<owl>");
    assertEquals(Shape.of(1, model.textEncoder().config().hiddenSize()), embedding.shape());
    assertArrayEquals(
        result.restarts().get(result.bestRestart()).embedding(), embedding.toFloats());
  }

  @Test
  void placeholdersAreOneWord() {
    assertEquals("<lion>", TextualInversion.placeholder("lion"));
    assertEquals("<fire-engine>", TextualInversion.placeholder(" Fire engine"));
    assertEquals("<van-gogh>", TextualInversion.placeholder("\"Van Gogh\""));
  }

  @Test
  void mistakesAreNamed() {
    try (Cpu backend = new Cpu(1)) {
      TextualInversion attack = new TextualInversion(settings(Embedding.WORD, 1));
      AttackRun unknown = run(backend, "lino", () -> false);
      String message = assertThrows(UserError.class, () -> attack.run(unknown)).getMessage();
      assertTrue(message.contains("no label") && message.contains("lion"), message);
      assertThrows(UserError.class, () -> run(backend, " ", () -> false));
      assertThrows(UserError.class, () -> run(backend, "owl ".repeat(40), () -> false));
    }
    assertThrows(UserError.class, () -> Embedding.named("words"));
  }

  @Test
  void anInterruptedRunStops() {
    try (Cpu backend = new Cpu(1)) {
      TextualInversion attack = new TextualInversion(settings(Embedding.WORD, 1));
      AttackRun run = run(backend, "owl", () -> true);
      assertThrows(AttackRun.Cancelled.class, () -> attack.run(run));
    }
  }
}
