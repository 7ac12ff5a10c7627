// UCE and RECE agree with their authors' own functions in f64.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.TextContexts;
import io.lethe.erase.closed.ClosedFormEditor;
import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.EncodedTexts;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.dense.Matrix;
import io.lethe.tensor.DType;
import io.lethe.trace.Golden;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * {@code W' - W} on the bundled model: within 1e-6 from the golden data's embeddings, 1e-4 (UCE)
 * and 1e-3 (RECE, whose rounds amplify the encoder's rounding) from Lethe's own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClosedFormGoldenTest {
  private static final double GIVEN = 1e-6;

  private final Arena arena = Arena.ofConfined();
  private Cpu backend;
  private DiffusionModel model;
  private Golden golden;
  private Projections projections;
  private TextEmbeddings given;
  private TextEmbeddings own;

  @BeforeAll
  void open() {
    backend = new Cpu(2);
    model = DiffusionModel.open(EmojiModel.FOLDER, DType.F32);
    golden = new Golden("emoji-sd.safetensors", arena);
    projections = Projections.of(model.folder().weights("unet"), backend.parallel(), false);
    own = new EncodedTexts(model.tokenizer(), TextContexts.of(backend, model));
    given =
        text -> {
          TensorView view = golden.get("closed.embedding.\"" + text + "\"");
          Matrix rows = new Matrix(view.shape().dim(0), view.shape().dim(1), view.toDoubles());
          return new EmbeddedText(rows, model.tokenizer().encode(text).contentTokens());
        };
  }

  @AfterAll
  void close() {
    model.close();
    backend.close();
    arena.close();
  }

  private static Uce uce(double preserveScale, double lambda) {
    return new Uce(
        new Uce.Settings(
            false,
            Uce.Technique.REPLACE,
            Uce.Templates.NONE,
            List.of(""),
            1,
            preserveScale,
            false,
            lambda,
            Optional.empty()),
        false);
  }

  private RightFactor edit(
      Uce uce, TextEmbeddings texts, List<String> concepts, List<String> preserve) {
    return new ClosedFormEditor(projections.products())
        .solve(uce.problem(uce.columns(texts, concepts, preserve)))
        .factor();
  }

  /** {@code ||M W - golden||} over all projections. */
  private void compare(String prefix, RightFactor factor, double tolerance) {
    double difference = 0;
    double norm = 0;
    int compared = 0;
    for (Projections.Projection projection : projections.list()) {
      TensorView view = golden.get(prefix + "." + projection.name());
      Matrix expected = new Matrix(view.shape().dim(0), view.shape().dim(1), view.toDoubles());
      Matrix actual =
          projections
              .products()
              .product(projections.read(projection), factor.matrix(projections.products()));
      double error = actual.minus(expected).norm();
      difference += error * error;
      norm += expected.dot(expected);
      compared++;
    }
    assertEquals(8, compared);
    double error = Math.sqrt(difference / norm);
    if (!(error <= tolerance)) {
      fail(prefix + ": " + error + " > " + tolerance);
    }
  }

  @Test
  void uceOfOneConcept() {
    compare("uce.one", edit(uce(1, 0.5), given, List.of("lion"), List.of()), GIVEN);
    compare("uce.one", edit(uce(1, 0.5), own, List.of("lion"), List.of()), 1e-4);
  }

  @Test
  void uceThatPreserves() {
    List<String> preserve = List.of("tiger face", "bear", "zebra");
    compare("uce.keep", edit(uce(1, 0.5), given, List.of("lion"), preserve), GIVEN);
    compare("uce.keep", edit(uce(1, 0.5), own, List.of("lion"), preserve), 1e-4);
  }

  @Test
  void uceOfSeveralConcepts() {
    List<String> concepts = List.of("lion", "cactus", "owl");
    List<String> preserve = List.of("pizza", "castle");
    compare("uce.many", edit(uce(0.5, 0.1), given, concepts, preserve), GIVEN);
    compare("uce.many", edit(uce(0.5, 0.1), own, concepts, preserve), 1e-4);
  }

  @Test
  void receOverTwoRounds() {
    rece(given, GIVEN);
    rece(own, 1e-3);
  }

  private void rece(TextEmbeddings texts, double tolerance) {
    RightFactor start = edit(uce(1, 0.5), texts, List.of("lion"), List.of());
    Rece rece =
        new Rece(
            new Rece.Settings(uce(1, 0.5), " ", 2, Rece.Regulariser.ZERO, 0.1, 0.1, 0.1), false);
    List<Rece.Round> rounds = rece.rounds(start, texts, List.of("lion"), List.of(), projections);
    for (int round = 0; round < 2; round++) {
      Matrix derived = rounds.get(round).derived();
      Matrix expected = new Matrix(32, 128, golden.get("rece.adv." + round).toDoubles());
      double error = derived.minus(expected).norm() / expected.norm();
      if (!(error <= tolerance)) {
        fail("rece.adv." + round + ": " + error + " > " + tolerance);
      }
      compare("rece.round" + round, rounds.get(round).factor(), tolerance);
    }
  }

  /** Every position sees only what stands before it, so that cutting the prompt changes nothing. */
  @Test
  void wordsCutAtTheirEndHaveTheRowsOfTheWholePrompt() {
    List<String> prompts = List.of("lion", "tiger face", "an emoji of a fire engine", "", "owl");
    own.prepareToEnd(prompts);
    for (String prompt : prompts) {
      EmbeddedText whole = own.of(prompt);
      EmbeddedText cut = own.upToEnd(prompt);
      assertEquals(whole.lastContent(), cut.lastContent());
      assertEquals(whole.lastContent() + 2, cut.rows().rows());
      Matrix rows = whole.rows().rows(0, cut.rows().rows());
      double error = cut.rows().minus(rows).norm() / rows.norm();
      if (!(error <= 1e-5)) {
        fail(prompt + ": " + error);
      }
    }
  }
}
