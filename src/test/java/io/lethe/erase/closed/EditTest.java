// Edits compose, invert, are measured as defined, and survive their file.
package io.lethe.erase.closed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.backend.Parallel;
import io.lethe.erase.closed.ClosedFormEditor.Problem;
import io.lethe.erase.closed.ClosedFormEditor.Solution;
import io.lethe.erase.dense.DenseTest;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EditTest {
  private static final int WIDTH = 30;
  private static final String HASH = "0123456789abcdef".repeat(4);

  private final Products products = new Products(Parallel.ALONE);
  private final Projections projections = RandomProjections.of(WIDTH, 21);

  private static RightFactor factor(int pairs, long seed) {
    return new RightFactor(
        DenseTest.random(pairs, WIDTH, seed).times(0.3), DenseTest.random(pairs, WIDTH, seed + 1));
  }

  @Test
  void bothFormsOfTheSystemAgree() {
    Matrix concepts = DenseTest.random(4, WIDTH, 1);
    Matrix guides = DenseTest.random(4, WIDTH, 2);
    for (int kept : List.of(0, 5, 25, 26, 60)) {
      Problem problem =
          Problem.uniform(concepts, guides, 1.5, DenseTest.random(kept, WIDTH, 3), 0.5, 0.2);
      ClosedFormEditor editor = new ClosedFormEditor(products);
      Solution solution = editor.solve(problem);
      // M A = sum a (g - c) c^T, whichever way it was solved
      Matrix expected = products.transposedProduct(problem.moves().times(1.5), concepts);
      Matrix actual = products.product(solution.factor().matrix(products), editor.system(problem));
      DenseTest.assertNear(expected, actual, 1e-11);
      assertTrue(solution.condition().getAsDouble() > 1);
    }
  }

  @Test
  void editsComposeAsProducts() {
    RightFactor first = factor(2, 1);
    RightFactor second = factor(3, 5);
    RightFactor many = factor(29, 9);
    DenseTest.assertNear(
        products.product(first.whole(products), second.whole(products)),
        first.compose(second, products).whole(products),
        1e-13);
    RightFactor square = first.compose(many, products);
    assertEquals(WIDTH, square.pairs());
    DenseTest.assertNear(
        products.product(first.whole(products), many.whole(products)),
        square.whole(products),
        1e-13);
  }

  @Test
  void regularEditsAreTakenBackAndSingularOnesRefused() {
    RightFactor edit = factor(3, 1);
    RightFactor inverse = edit.inverse(products).orElseThrow();
    DenseTest.assertNear(
        Matrix.identity(WIDTH), edit.compose(inverse, products).whole(products), 1e-11);
    Matrix unit = DenseTest.random(1, WIDTH, 4);
    RightFactor projection = new RightFactor(unit.times(-1 / unit.dot(unit)), unit);
    CrossAttentionEdit singular = CrossAttentionEdit.shared(projection, projections.names());
    assertThrows(UserError.class, () -> EditInverse.of(singular, projections, "edit"));
  }

  @Test
  void rankAndNormAreThoseOfM() {
    RightFactor edit = factor(3, 1);
    RightFactor twice = edit.compose(RightFactor.none(WIDTH), products);
    Matrix doubled = Matrix.stack(List.of(edit.left(), edit.left()), WIDTH);
    RightFactor dependent =
        new RightFactor(doubled, Matrix.stack(List.of(edit.right(), edit.right()), WIDTH));
    assertEquals(3, twice.singularValues(products, Parallel.ALONE).length);
    assertEquals(3, dependent.singularValues(products, Parallel.ALONE).length);
    assertEquals(
        dependent.matrix(products).norm(), dependent.norm(products), 1e-12 * edit.norm(products));
    double squares = 0;
    for (double value : dependent.singularValues(products, Parallel.ALONE)) {
      squares += value * value;
    }
    assertEquals(dependent.norm(products), Math.sqrt(squares), 1e-9);
  }

  @Test
  void effectIsTheEnergyOfWhatTheProjectionsDo() {
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    for (int l = 0; l < 3; l++) { // the last projection stays
      factors.put(projections.names().get(l), factor(2, 10L + l / 2));
    }
    CrossAttentionEdit edit = new CrossAttentionEdit(factors);
    Matrix x = DenseTest.random(7, WIDTH, 3);
    Matrix empty = DenseTest.random(7, WIDTH, 4);
    double[] expected = new double[7];
    double whole = 0;
    for (Projections.Projection projection : projections.list()) {
      Matrix w = projections.read(projection);
      Matrix apart = products.productTransposed(x.minus(empty), w);
      whole += apart.dot(apart);
      if (edit.factor(projection.name()).isPresent()) {
        Matrix shift =
            products.productTransposed(
                products.productTransposed(
                    x, edit.factor(projection.name()).get().matrix(products)),
                w);
        for (int i = 0; i < 7; i++) {
          expected[i] += shift.rows(i, i + 1).dot(shift.rows(i, i + 1));
        }
      }
    }
    EditEffect effect = new EditedProjections(projections, edit).effect();
    assertArrayEquals(expected, effect.changes(x), 1e-10);
    double sum = java.util.Arrays.stream(expected).sum();
    assertEquals(sum / whole, damage(effect, x, empty), 1e-12);
    // many at once, of different lengths, are what each is alone
    List<Matrix> parts = List.of(x.rows(0, 2), x.rows(2, 7), x);
    double[] damages =
        effect.damages(
            parts,
            List.of(
                x.rows(0, 2).minus(empty.rows(0, 2)),
                x.rows(2, 7).minus(empty.rows(2, 7)),
                x.minus(empty)));
    double[] energies = projections.energies(parts);
    assertEquals(damage(effect, x.rows(0, 2), empty.rows(0, 2)), damages[0], 1e-12);
    assertEquals(damage(effect, x.rows(2, 7), empty.rows(2, 7)), damages[1], 1e-12);
    assertEquals(sum / whole, damages[2], 1e-12);
    for (int part = 0; part < parts.size(); part++) {
      double alone = projections.energy(parts.get(part));
      assertEquals(alone, energies[part], 1e-12 * alone);
    }
    double before = projections.energy(x);
    projections.gram();
    assertEquals(before, projections.energy(x), 1e-10 * before);
  }

  private static double damage(EditEffect effect, Matrix rows, Matrix empty) {
    return effect.damages(List.of(rows), List.of(rows.minus(empty)))[0];
  }

  @Test
  void mappingErrorIsWhatIsMissing() {
    Matrix concepts = DenseTest.random(2, WIDTH, 1);
    Matrix moves = DenseTest.random(2, WIDTH, 2);
    RightFactor none = RightFactor.none(WIDTH);
    EditEffect nothing =
        new EditedProjections(projections, CrossAttentionEdit.shared(none, projections.names()))
            .effect();
    assertEquals(1, nothing.mappingError(concepts, name -> moves), 1e-12);
    Problem problem =
        Problem.uniform(concepts, concepts.plus(moves), 1, Matrix.zeros(0, WIDTH), 1, 1e-9);
    RightFactor exact = new ClosedFormEditor(products).solve(problem).factor();
    EditEffect all =
        new EditedProjections(projections, CrossAttentionEdit.shared(exact, projections.names()))
            .effect();
    assertTrue(all.mappingError(concepts, name -> moves) < 1e-15);
  }

  @Test
  void filesHoldSharedSeparateAndSquareFactors(@TempDir Path folder) {
    RightFactor shared = factor(2, 1);
    RightFactor square = factor(20, 3);
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    factors.put(projections.names().get(0), shared);
    factors.put(projections.names().get(1), shared);
    factors.put(projections.names().get(2), square);
    Path path = folder.resolve("edit.safetensors");
    List<String> concepts = List.of("lion", "fire engine");
    new EditFile(new CrossAttentionEdit(factors), HASH, HASH, "uce", concepts).write(path);
    EditFile read = EditFile.read(path);
    assertEquals(concepts, read.concepts());
    assertEquals(factors.keySet(), read.edit().factors().keySet());
    assertSame(
        read.edit().factor(projections.names().get(0)).get(),
        read.edit().factor(projections.names().get(1)).get());
    for (String name : factors.keySet()) {
      DenseTest.assertNear(
          factors.get(name).matrix(products),
          read.edit().factor(name).orElseThrow().matrix(products),
          1e-14);
    }
  }

  @Test
  void badFilesAreRefused(@TempDir Path folder) {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("format", "lethe-edit-1");
    good.put("text_encoder", HASH);
    good.put("base", HASH);
    good.put("method", "uce");
    good.put("concepts", "lion");
    good.put("factor.a.attn2.to_k.weight", "0");
    List<TensorEntry> factors = List.of(matrix("0.left", 1, 4), matrix("0.right", 1, 4));
    Path path = folder.resolve("edit.safetensors");
    SafeTensorsWriter.write(path, factors, good);
    assertEquals(4, EditFile.read(path).edit().distinct().getFirst().width());

    refused(path, factors, with(good, "format", "pt"), "format");
    refused(path, factors, with(good, "text_encoder", "../../etc"), "SHA-256");
    refused(path, factors, with(good, "factor.a.attn2.to_k.weight", "7"), "7.left");
    refused(path, factors, with(good, "factor.a.attn2.to_k.weight", "../x"), "number");
    refused(path, factors, with(good, "factor.a.attn1.to_k.weight", "0"), "cross-attention");
    refused(path, List.of(matrix("0.left", 1, 4), matrix("0.right", 2, 4)), good, "do not fit");
    refused(path, List.of(matrix("0.square", 3, 4)), good, "square");
    refused(
        path,
        List.of(matrix("0.left", 1, 4), matrix("0.right", 1, 4), matrix("1.left", 1, 4)),
        good,
        "no projection uses");
    TensorEntry single =
        TensorEntry.of("0.left", DType.F32, Shape.of(1, 4), new float[] {1, 2, 3, 4});
    refused(path, List.of(single, matrix("0.right", 1, 4)), good, "F64");
    TensorEntry infinite =
        TensorEntry.of("0.left", DType.F64, Shape.of(1, 4), new double[] {1, Double.NaN, 0, 0});
    refused(path, List.of(infinite, matrix("0.right", 1, 4)), good, "not finite");
    Map<String, String> none = with(good, "method", "uce");
    none.remove("factor.a.attn2.to_k.weight");
    refused(path, factors, none, "no projection");
  }

  private static Map<String, String> with(Map<String, String> map, String key, String value) {
    Map<String, String> changed = new LinkedHashMap<>(map);
    changed.put(key, value);
    return changed;
  }

  private static TensorEntry matrix(String name, int rows, int columns) {
    return TensorEntry.of(
        name, DType.F64, Shape.of(rows, columns), DenseTest.random(rows, columns, 1).values());
  }

  private static void refused(
      Path path, List<TensorEntry> tensors, Map<String, String> metadata, String reason) {
    SafeTensorsWriter.write(path, new ArrayList<>(tensors), metadata);
    UserError error = assertThrows(UserError.class, () -> EditFile.read(path));
    assertTrue(error.getMessage().contains(reason), error.getMessage());
    assertTrue(error.getMessage().contains("edit.safetensors"), error.getMessage());
  }
}
