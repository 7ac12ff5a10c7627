// RECE: erases a concept again under every embedding that still brings it back.
package io.lethe.erase;

import io.lethe.erase.closed.ClosedFormEditor;
import io.lethe.erase.closed.ClosedFormEditor.Problem;
import io.lethe.erase.closed.ClosedFormEditor.Solution;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Reliable and Efficient Concept Erasure (Gong et al., ECCV 2024).
 *
 * <pre>
 * P = I + M of UCE;  S = sum_l W_l^T W_l
 * repeat:
 *   c'  = (rho I + P^T S P)^-1 P^T S c         every row c of every concept: what W P makes of c'
 *                                              is nearest to what W made of c
 *   M_n = sum (g - c') c'^T (lambda I + sum c' c'^T + b sum_x x x^T)^-1
 *   P   = P (I + M_n)
 * </pre>
 *
 * The student's projections are {@code W P} throughout, since all began as W and all are edited by
 * one factor. All rows of the padded prompts count; {@code x} are those of the blank prompt, once
 * for each concept, and of what else is preserved.
 */
public final class Rece implements ErasureMethod {
  /** What keeps the derived embedding c' small, or near something. */
  public enum Regulariser {
    /** {@code rho ||c'||^2}. */
    ZERO,
    /** {@code rho ||c' - g||^2}. */
    STANDARD,
    /** {@code rho ||W P (c' - c)||^2}. */
    SURROGATE_OUTPUT,
    /** {@code rho ||c' - c||^2}. */
    SURROGATE_INPUT,
    /** Both surrogates. */
    SURROGATE
  }

  /**
   * Settings.
   *
   * @param start the edit before the first round
   * @param guide what the derived embeddings become, row by row
   * @param rounds at least 1
   * @param rho weight of the regulariser
   * @param preserveScale b
   */
  public record Settings(
      Uce start,
      String guide,
      int rounds,
      Regulariser regulariser,
      double rho,
      double preserveScale,
      double lambda) {}

  /**
   * After one round.
   *
   * @param derived c', all rows of all concepts
   * @param factor {@code P - I}
   * @param condition as of {@link Solution}
   */
  public record Round(Matrix derived, RightFactor factor, DoubleSupplier condition) {}

  private final Settings settings;
  private final boolean reach;

  /**
   * @param reach whether to add the bound on what single embeddings can bring back
   */
  public Rece(Settings settings, boolean reach) {
    this.settings = settings;
    this.reach = reach;
  }

  /** All options as they are without being set. */
  public static MethodChoice defaults() {
    return MethodChoice.named("rece");
  }

  @Override
  public String name() {
    return "rece";
  }

  @Override
  public String paper() {
    return "Gong et al., Reliable and Efficient Concept Erasure of Text-to-Image Diffusion Models,"
        + " ECCV 2024";
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClosedFormRun closed = new ClosedFormRun(run, reach, false);
    List<String> concepts = run.request().concepts();
    List<String> preserve = settings.start().preserved(closed);
    Uce.Columns columns = settings.start().columns(closed.texts(), concepts, preserve);
    RightFactor start =
        new ClosedFormEditor(closed.products()).solve(settings.start().problem(columns)).factor();
    List<Round> rounds = rounds(start, closed.texts(), concepts, preserve, closed.projections());
    Round last = rounds.getLast();
    CrossAttentionEdit edit =
        CrossAttentionEdit.shared(last.factor(), closed.projections().names());
    Matrix embedded = rows(closed.texts(), concepts);
    List<Double> growth = new ArrayList<>();
    rounds.forEach(round -> growth.add(round.derived().norm() / embedded.norm()));
    Matrix moves = columns.guides().minus(columns.concepts());
    return closed
        .report(name(), edit)
        .condition(last.condition().getAsDouble())
        .mapping(columns.concepts(), name -> moves)
        .figure("derived_norms", growth)
        .finish();
  }

  /** All rounds from a first edit. */
  public List<Round> rounds(
      RightFactor start,
      TextEmbeddings texts,
      List<String> concepts,
      List<String> preserve,
      Projections projections) {
    Products products = projections.products();
    Matrix original = rows(texts, concepts);
    Matrix guides = repeated(texts.of(settings.guide()).rows(), concepts.size());
    List<Matrix> kept = new ArrayList<>();
    concepts.forEach(concept -> kept.add(texts.of(" ").rows()));
    preserve.forEach(text -> kept.add(texts.of(text).rows()));
    Matrix preserved = Matrix.stack(kept, original.columns());
    List<Round> rounds = new ArrayList<>();
    RightFactor current = start;
    for (int round = 0; round < settings.rounds(); round++) {
      Matrix derived = derive(original, guides, current, projections);
      Solution next =
          new ClosedFormEditor(products)
              .solve(
                  Problem.uniform(
                      derived, guides, 1, preserved, settings.preserveScale(), settings.lambda()));
      current = current.compose(next.factor(), products);
      rounds.add(new Round(derived, current, next.condition()));
    }
    return rounds;
  }

  /** c' of every row: {@code (R + P^T S P) c' = P^T S c + r}. */
  private Matrix derive(
      Matrix concepts, Matrix guides, RightFactor current, Projections projections) {
    Products products = projections.products();
    Matrix p = current.whole(products);
    Matrix energy = products.product(projections.gram(), p);
    Matrix system = products.transposedProduct(p, energy);
    Matrix right = products.product(concepts, energy);
    double rho = settings.rho();
    Regulariser kind = settings.regulariser();
    if (kind == Regulariser.SURROGATE_OUTPUT || kind == Regulariser.SURROGATE) {
      right = right.combine(products.product(concepts, system), rho);
      system = system.times(1 + rho);
    }
    if (kind != Regulariser.SURROGATE_OUTPUT) {
      system.addToDiagonal(rho);
    }
    if (kind == Regulariser.STANDARD) {
      right = right.combine(guides, rho);
    }
    if (kind == Regulariser.SURROGATE_INPUT || kind == Regulariser.SURROGATE) {
      right = right.combine(concepts, rho);
    }
    return Cholesky.of(system, products).solveRows(right);
  }

  private static Matrix rows(TextEmbeddings texts, List<String> prompts) {
    List<Matrix> parts = new ArrayList<>();
    prompts.forEach(prompt -> parts.add(texts.of(prompt).rows()));
    return Matrix.stack(parts, parts.getFirst().columns());
  }

  private static Matrix repeated(Matrix rows, int times) {
    return Matrix.stack(java.util.Collections.nCopies(times, rows), rows.columns());
  }
}
