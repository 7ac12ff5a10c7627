// The least-squares edit that all closed-form erasers have in common.
package io.lethe.erase.closed;

import io.lethe.LetheException;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Maps concept embeddings to guides, keeps preserved embeddings, stays near the identity:
 *
 * <pre>
 * min_M  sum_i a_i ||W (c_i + M c_i - g_i)||^2 + sum_j b_j ||W M x_j||^2 + lambda ||W M||^2
 * A = lambda I + sum_i a_i c_i c_i^T + sum_j b_j x_j x_j^T
 * M = sum_i a_i (g_i - c_i) c_i^T A^-1
 * </pre>
 *
 * <p>M does not depend on W. A is summed in double, since rounding to float can exceed lambda, and
 * solved by Cholesky; where there are fewer embeddings than their width, through the Gram matrix
 * instead: with K all weighted rows, {@code K A^-1 = (lambda I + K K^T)^-1 K}.
 */
public final class ClosedFormEditor {
  private final Products products;

  public ClosedFormEditor(Products products) {
    this.products = products;
  }

  /**
   * What to map, what to keep.
   *
   * @param concepts {@code [k, width]}
   * @param guides {@code [k, width]}, row by row where the concepts shall go
   * @param weights {@code a}, k numbers above 0
   * @param preserved {@code [n, width]}
   * @param preservedWeights {@code b}, n numbers of at least 0
   * @param lambda above 0
   */
  public record Problem(
      Matrix concepts,
      Matrix guides,
      double[] weights,
      Matrix preserved,
      double[] preservedWeights,
      double lambda) {
    public Problem {
      if (concepts.rows() == 0
          || guides.rows() != concepts.rows()
          || guides.columns() != concepts.columns()
          || weights.length != concepts.rows()
          || preserved.columns() != concepts.columns()
          || preservedWeights.length != preserved.rows()) {
        throw new LetheException("the parts of a closed-form edit do not fit each other");
      }
      if (!(lambda > 0)) {
        throw new LetheException("lambda is " + lambda + ", not above 0");
      }
    }

    /** Equal weights. */
    public static Problem uniform(
        Matrix concepts,
        Matrix guides,
        double weight,
        Matrix preserved,
        double preservedWeight,
        double lambda) {
      double[] a = new double[concepts.rows()];
      java.util.Arrays.fill(a, weight);
      double[] b = new double[preserved.rows()];
      java.util.Arrays.fill(b, preservedWeight);
      return new Problem(concepts, guides, a, preserved, b, lambda);
    }

    /** Where each concept shall move: guides less concepts. */
    public Matrix moves() {
      return guides.minus(concepts);
    }
  }

  /**
   * The minimiser.
   *
   * @param factor M, its left rows the moves, its right rows {@code a_i A^-1 c_i}
   * @param condition gives that of A in the 2-norm, which takes as long as solving
   */
  public record Solution(RightFactor factor, DoubleSupplier condition) {}

  /** Solves the problem. */
  public Solution solve(Problem problem) {
    int rows = problem.concepts().rows() + problem.preserved().rows();
    Solution solution =
        rows < problem.concepts().columns() ? throughGram(problem) : throughWidth(problem);
    return new Solution(solution.factor().compact(products), solution.condition());
  }

  /** {@code right = diag(a) C A^-1} with A of the embeddings' width. */
  private Solution throughWidth(Problem problem) {
    Cholesky factored = Cholesky.of(system(problem), products);
    Matrix right = factored.solveRows(problem.concepts()).scaleRows(problem.weights());
    return new Solution(new RightFactor(problem.moves(), right), factored::condition);
  }

  /** A, {@code [width, width]}. */
  public Matrix system(Problem problem) {
    Matrix a = Matrix.zeros(problem.concepts().columns(), problem.concepts().columns());
    products.addWeightedGram(problem.concepts(), problem.weights(), a);
    products.addWeightedGram(problem.preserved(), problem.preservedWeights(), a);
    a.addToDiagonal(problem.lambda());
    return a;
  }

  /** With {@code K = diag(sqrt(weights)) rows}: the first k rows of (lambda I + K K^T)^-1 K. */
  private Solution throughGram(Problem problem) {
    Matrix k =
        Matrix.stack(
            List.of(
                problem.concepts().scaleRows(roots(problem.weights())),
                problem.preserved().scaleRows(roots(problem.preservedWeights()))),
            problem.concepts().columns());
    Matrix gram = products.outerGram(k);
    gram.addToDiagonal(problem.lambda());
    Cholesky factored = Cholesky.of(gram, products);
    Matrix right =
        factored.solve(k).rows(0, problem.concepts().rows()).scaleRows(roots(problem.weights()));
    // A has lambda itself as its smallest eigenvalue, since its rank is not full without it
    return new Solution(
        new RightFactor(problem.moves(), right),
        () -> factored.largestEigenvalue() / problem.lambda());
  }

  private static double[] roots(double[] squares) {
    double[] roots = new double[squares.length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(squares[i]);
    }
    return roots;
  }
}
