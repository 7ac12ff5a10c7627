// UCE's techniques, templates and column choices against a plain transcription of its equations.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.backend.Parallel;
import io.lethe.erase.Uce.Debias;
import io.lethe.erase.Uce.Technique;
import io.lethe.erase.Uce.Templates;
import io.lethe.erase.closed.ClosedFormEditor;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.dense.DenseTest;
import io.lethe.erase.dense.Matrix;
import io.lethe.tensor.Shape;
import io.lethe.trace.Golden;
import io.lethe.weights.TensorView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.junit.jupiter.api.Test;

/**
 * The transcription works as the paper's equation stands there, one matrix at a time: {@code W' =
 * (lambda W + a sum v c^T + b sum W x x^T) (lambda I + a sum c c^T + b sum x x^T)^-1}, with an
 * explicit inverse.
 */
final class UceTest {
  private static final int WIDTH = 23;
  private static final int TOKENS = 9;
  private static final double A = 1.3;
  private static final double B = 0.7;
  private static final double LAMBDA = 0.4;

  /** Rows that depend on the text alone; as many content tokens as words. */
  private final TextEmbeddings texts =
      text ->
          new EmbeddedText(
              DenseTest.random(TOKENS, WIDTH, text.hashCode()),
              text.isBlank() ? 0 : text.strip().split(" ").length);

  private final List<String> announced = new ArrayList<>();

  private final List<TensorView> weights =
      List.of(
          weight("down.attn2.to_k.weight", 17),
          weight("down.attn2.to_v.weight", 17),
          weight("mid.attn2.to_k.weight", 40),
          weight("mid.attn2.to_v.weight", 40));
  private final Projections projections =
      Projections.of(weights, name -> true, Parallel.ALONE, false);

  private static TensorView weight(String name, int outputs) {
    double[] values = DenseTest.random(outputs, WIDTH, name.hashCode()).values();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Golden.view(name, Shape.of(outputs, WIDTH), floats);
  }

  private static Uce.Settings settings(
      boolean classic, Technique technique, Templates templates, String... guides) {
    return new Uce.Settings(
        classic, technique, templates, List.of(guides), A, B, false, LAMBDA, Optional.empty());
  }

  /** A pair of columns and what a projection shall make of the first. */
  private record Target(List<RealVector> columns, List<RealVector> guides) {}

  /** The equation, for one matrix. */
  private RealMatrix transcribed(
      RealMatrix w, List<Target> targets, List<RealVector> kept, Technique technique) {
    RealMatrix one = new Array2DRowRealMatrix(WIDTH, WIDTH);
    for (int i = 0; i < WIDTH; i++) {
      one.setEntry(i, i, LAMBDA);
    }
    RealMatrix left = w.scalarMultiply(LAMBDA);
    RealMatrix right = one;
    for (Target target : targets) {
      double along = 0;
      double norm = 0;
      for (int r = 0; r < target.columns().size(); r++) {
        RealVector output = w.operate(target.columns().get(r));
        along += output.dotProduct(w.operate(target.guides().get(r)));
        norm += output.dotProduct(output);
      }
      for (int r = 0; r < target.columns().size(); r++) {
        RealVector c = target.columns().get(r);
        RealVector v = w.operate(target.guides().get(r));
        if (technique == Technique.TENSOR) {
          // v = W g - <u, W g> u with u = W c / ||W c||, over the whole slice
          v = v.subtract(w.operate(c).mapMultiply(along / norm));
        }
        left = left.add(v.outerProduct(c).scalarMultiply(A));
        right = right.add(c.outerProduct(c).scalarMultiply(A));
      }
    }
    for (RealVector x : kept) {
      left = left.add(w.operate(x).outerProduct(x).scalarMultiply(B));
      right = right.add(x.outerProduct(x).scalarMultiply(B));
    }
    return left.multiply(new LUDecomposition(right).getSolver().getInverse());
  }

  private RealVector row(String text, int row) {
    return new org.apache.commons.math3.linear.ArrayRealVector(
        texts.of(text).rows().rows(row, row + 1).values());
  }

  private List<RealVector> rows(String text, int from, int to) {
    List<RealVector> rows = new ArrayList<>();
    for (int r = from; r < to; r++) {
      rows.add(row(text, r));
    }
    return rows;
  }

  private void compare(
      Uce.Settings settings,
      List<String> concepts,
      List<String> preserve,
      List<Target> targets,
      List<RealVector> kept) {
    Uce uce = new Uce(settings, false);
    Uce.Columns columns = uce.columns(texts, concepts, preserve);
    CrossAttentionEdit edit =
        uce.edit(
            new ClosedFormEditor(projections.products()).solve(uce.problem(columns)).factor(),
            uce.moves(columns, projections),
            projections);
    for (Projections.Projection projection : projections.list()) {
      Matrix w = projections.read(projection);
      RealMatrix plain = new Array2DRowRealMatrix(w.rows(), WIDTH);
      for (int i = 0; i < w.rows(); i++) {
        plain.setRow(i, w.rows(i, i + 1).values());
      }
      RealMatrix expected = transcribed(plain, targets, kept, settings.technique()).subtract(plain);
      Matrix actual =
          projections
              .products()
              .product(
                  w, edit.factor(projection.name()).orElseThrow().matrix(projections.products()));
      Matrix flat = Matrix.zeros(w.rows(), WIDTH);
      for (int i = 0; i < w.rows(); i++) {
        System.arraycopy(expected.getRow(i), 0, flat.values(), i * WIDTH, WIDTH);
      }
      DenseTest.assertNear(flat, actual, 1e-10);
    }
  }

  @Test
  void tensorOfTwoConceptsWithClassicColumns() {
    // concept of 2 words against a guide of 1: rows 2..8 against 1..7; of 1 against 1: 1..8
    compare(
        settings(true, Technique.TENSOR, Templates.NONE, "nothing"),
        List.of("red lion", "owl"),
        List.of("bear"),
        List.of(
            new Target(rows("red lion", 2, 9), rows("nothing", 1, 8)),
            new Target(rows("owl", 1, 9), rows("nothing", 1, 9))),
        both(rows("", 0, TOKENS), rows("bear", 0, TOKENS)));
  }

  @Test
  void moderateIsReplacingByABlankGuide() {
    compare(
        settings(false, Technique.REPLACE, Templates.NONE, " "),
        List.of("red lion"),
        List.of("bear", "grey wolf"),
        List.of(new Target(rows("red lion", 2, 3), rows(" ", 0, 1))),
        both(rows("bear", 1, 2), rows("grey wolf", 2, 3)));
  }

  @Test
  void templatesOfTheCurrentCodeExpandGuidesToo() {
    List<Target> targets = new ArrayList<>();
    for (String start :
        List.of("", "painting by ", "art by ", "artwork by ", "picture by ", "style of ")) {
      int last = start.isEmpty() ? 1 : 3;
      targets.add(
          new Target(rows(start + "Monet", last, last + 1), rows(start + "art", last, last + 1)));
    }
    compare(
        settings(false, Technique.REPLACE, Templates.ART, "art"),
        List.of("Monet"),
        List.of(),
        targets,
        List.of());
  }

  /**
   * Its columns are last content tokens, which do not depend on the padding: encoding it is slow.
   */
  @Test
  void theCurrentFormAsksForNoPadding() {
    TextEmbeddings toTheEnd =
        new TextEmbeddings() {
          @Override
          public EmbeddedText of(String prompt) {
            throw new AssertionError("all rows of '" + prompt + "' were asked for");
          }

          @Override
          public EmbeddedText upToEnd(String prompt) {
            return texts.upToEnd(prompt);
          }

          @Override
          public void prepareToEnd(Collection<String> prompts) {
            announced.addAll(prompts);
          }
        };
    Uce uce = new Uce(settings(false, Technique.REPLACE, Templates.ART, "art"), false);
    List<String> concepts = List.of("Monet", "Van Gogh");
    Uce.Columns whole = uce.columns(texts, concepts, List.of("Rembrandt"));
    Uce.Columns part = uce.columns(toTheEnd, concepts, List.of("Rembrandt"));
    assertArrayEquals(whole.concepts().values(), part.concepts().values());
    assertArrayEquals(whole.guides().values(), part.guides().values());
    assertArrayEquals(whole.preserved().values(), part.preserved().values());
    assertTrue(
        announced.containsAll(List.of("Monet", "art by Van Gogh", "Rembrandt")),
        announced::toString);
  }

  @Test
  void templatesOfTheClassicCodeExpandConceptsAlone() {
    List<Target> targets = new ArrayList<>();
    targets.add(new Target(rows("church", 1, 9), rows(" ", 0, 8)));
    for (String start :
        List.of("image of ", "photo of ", "portrait of ", "picture of ", "painting of ")) {
      targets.add(new Target(rows(start + "church", 3, 9), rows(" ", 0, 6)));
    }
    compare(
        settings(true, Technique.REPLACE, Templates.OBJECT, " "),
        List.of("church"),
        List.of(),
        targets,
        rows("", 0, TOKENS));
  }

  @Test
  void debiasAddsAttributesAndCountsItsRoundsUp() {
    Debias debias =
        new Debias(List.of("male", "female"), new double[2])
            .after(new double[] {0.5, 0.5}, new double[] {0.9, 0.1})
            .after(new double[] {0.5, 0.5}, new double[] {0.7, 0.3});
    assertArrayEquals(new double[] {-0.6, 0.6}, debias.alphas(), 1e-12);
    RealVector guide =
        row("doctor", 1)
            .add(row("male", 1).mapMultiply(debias.alphas()[0]))
            .add(row("female", 1).mapMultiply(debias.alphas()[1]));
    compare(
        new Uce.Settings(
            false,
            Technique.DEBIAS,
            Templates.NONE,
            List.of(""),
            A,
            B,
            false,
            LAMBDA,
            Optional.of(debias)),
        List.of("doctor"),
        List.of("nurse"),
        List.of(new Target(rows("doctor", 1, 2), List.of(guide))),
        rows("nurse", 1, 2));
  }

  @Test
  void theConceptAsItsOwnGuideChangesNothing() {
    Uce uce = new Uce(settings(false, Technique.REPLACE, Templates.NONE, "owl"), false);
    Uce.Columns columns = uce.columns(texts, List.of("owl"), List.of("bear"));
    assertEquals(
        0,
        new ClosedFormEditor(projections.products())
            .solve(uce.problem(columns))
            .factor()
            .norm(projections.products()));
  }

  @Test
  void debiasWithoutAttributesIsRefused() {
    assertThrows(UserError.class, () -> settings(false, Technique.DEBIAS, Templates.NONE, "owl"));
  }

  private static <T> List<T> both(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
