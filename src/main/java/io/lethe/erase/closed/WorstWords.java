// The edit that hurts the worst-hurt word least: adversarial preservation without training.
package io.lethe.erase.closed;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * A game between the edit and a spread of weights over words:
 *
 * <pre>
 * min_M max_{b >= 0, sum b = tau}   f(M) + sum_j b_j d_j(M)
 * f   = sum_i ||W (M c_i - m_i)||^2 + lambda ||W M||^2      m_i the moves, scaled to f(0) = 1
 * d_j = sum of ||W M x||^2 over the rows x of word j        its damage
 * </pre>
 *
 * It is convex in M and linear in b. For fixed b the best M is the editor's, with {@code A = lambda
 * I + C^T C + sum_j b_j X_j^T X_j}, {@code Y = C A^-1}, {@code H = moves S moves^T}: the value
 * {@code q(b) = tr H - tr(H C Y^T)} is concave in b with the gradient d. Words gain weight by
 * {@code b exp(eta d / max d)}; a step is taken if q is at least its linear growth less {@code
 * KL(b+ || b) max d / eta}, else eta is halved. The duality gap {@code tau max d - sum_j b_j d_j}
 * says for free how far both are from the best; it ends the game.
 *
 * <p>A background may be added to f, {@code tr(M^T S M B)}: text that stands for all that no word
 * of the game names. It takes no part in the game, and equal weights have it too.
 */
public final class WorstWords {
  private static final double NEGLIGIBLE = 1e-11;

  /**
   * Settings.
   *
   * @param tau how much the worst damage counts against the mapping error
   * @param lambda above 0
   * @param gap the share of the value at which to stop
   * @param solves at most so many
   */
  public record Settings(double tau, double lambda, double gap, int solves) {}

  /**
   * The end of the game.
   *
   * @param factor M
   * @param weights b, by word; their sum is tau
   * @param damages d, by word
   * @param mappingError {@code f} without lambda's term
   * @param gap the duality gap as a share of the value {@code f + tau max d}
   * @param solves how many systems were solved
   * @param condition gives that of the last system in the 2-norm, which takes as long as solving
   */
  public record Outcome(
      RightFactor factor,
      double[] weights,
      double[] damages,
      double mappingError,
      double gap,
      int solves,
      DoubleSupplier condition) {
    public double worst() {
      return Arrays.stream(damages).max().orElse(0);
    }

    public double mean() {
      return Arrays.stream(damages).average().orElse(0);
    }
  }

  /** What one solve at weights b gives. */
  private record Point(
      double[] b, double value, double[] damages, double worst, Matrix y, Cholesky factored) {
    double mean() {
      double sum = 0;
      for (int j = 0; j < b.length; j++) {
        sum += b[j] * damages[j];
      }
      return sum;
    }
  }

  private final Products products;
  private final WordRows words;
  private final Products.PackedRows wordRows;
  private final Matrix concepts;
  private final Matrix moves;
  private final Matrix fixed;
  private final Matrix energies;
  private final Matrix root;

  /**
   * @param concepts {@code [k, width]}
   * @param moves {@code [k, width]}, where they shall move
   */
  public WorstWords(Projections projections, Matrix concepts, Matrix moves, WordRows words) {
    this(projections, concepts, moves, words, Matrix.zeros(concepts.columns(), concepts.columns()));
  }

  /**
   * @param background B, {@code [width, width]}: the mean of {@code X^T X} over texts whose rows X
   *     are scaled as those of words, times what their damage counts
   */
  public WorstWords(
      Projections projections, Matrix concepts, Matrix moves, WordRows words, Matrix background) {
    this.products = projections.products();
    this.words = words;
    this.wordRows = products.packRows(words.rows());
    double scale = 1 / Math.sqrt(projections.energy(moves));
    // C^T C and moves^T C are all that counts: rows that depend on others are folded into them
    Matrix[] folded = fold(concepts.times(scale), moves.times(scale), projections.threads());
    this.concepts = folded[0];
    this.moves = folded[1];
    this.fixed = products.gram(this.concepts).plus(background);
    this.energies =
        products.productTransposed(products.product(this.moves, projections.gram()), this.moves);
    this.root = root(energies, projections.threads());
  }

  private Matrix[] fold(Matrix rows, Matrix companions, Parallel threads) {
    SymmetricEigen eigen = SymmetricEigen.of(products.outerGram(rows), threads);
    int count = eigen.values().length;
    int first = 0;
    while (first < count - 1 && eigen.values()[first] <= 1e-12 * eigen.values()[count - 1]) {
      first++;
    }
    Matrix kept = eigen.vectors().rows(first, count);
    return new Matrix[] {products.product(kept, rows), products.product(kept, companions)};
  }

  /** R with {@code R^T R = H}. */
  private static Matrix root(Matrix h, Parallel threads) {
    SymmetricEigen eigen = SymmetricEigen.of(h, threads);
    double[] roots = new double[h.rows()];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(Math.max(0, eigen.values()[i]));
    }
    return eigen.vectors().scaleRows(roots);
  }

  /** Plays until the gap is small. */
  public Outcome play(Settings settings) {
    double tau = settings.tau();
    double[] b = new double[words.count()];
    Arrays.fill(b, tau / b.length);
    double eta = 1;
    int solves = 1;
    Point point = solve(b, settings.lambda());
    while (gap(point, tau) > settings.gap() && solves < settings.solves()) {
      double[] next = grow(point, eta, tau);
      Point trial = solve(next, settings.lambda());
      solves++;
      double linear = 0;
      double divergence = 0;
      for (int j = 0; j < b.length; j++) {
        linear += point.damages()[j] * (next[j] - point.b()[j]);
        if (next[j] > 0) {
          divergence += next[j] * Math.log(next[j] / point.b()[j]);
        }
      }
      if (trial.value() >= point.value() + linear - divergence * point.worst() / eta) {
        point = trial;
      } else {
        eta /= 2;
      }
    }
    return outcome(point, gap(point, tau), solves);
  }

  /** Equal weights that sum to tau. */
  public Outcome uniform(double tau, double lambda) {
    double[] b = new double[words.count()];
    Arrays.fill(b, tau / b.length);
    Point point = solve(b, lambda);
    return outcome(point, gap(point, tau), 1);
  }

  /** Equal weights with the mapping error wanted, found by bisecting the logarithm of their sum. */
  public Outcome uniformAt(double mappingError, double lambda) {
    double low = -12;
    double high = 12;
    Outcome outcome = uniform(1, lambda);
    for (int round = 0; round < 40; round++) {
      double middle = (low + high) / 2;
      outcome = uniform(Math.exp(middle), lambda);
      if (Math.abs(outcome.mappingError() / mappingError - 1) < 1e-3) {
        return outcome;
      }
      if (outcome.mappingError() < mappingError) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return outcome;
  }

  private static double gap(Point point, double tau) {
    double gap = tau * point.worst() - point.mean();
    return gap / (point.value() + gap); // the value at b and the gap make the value of M
  }

  private static double[] grow(Point point, double eta, double tau) {
    double[] next = point.b().clone();
    double sum = 0;
    for (int j = 0; j < next.length; j++) {
      next[j] *= Math.exp(eta * (point.damages()[j] / point.worst() - 1));
      sum += next[j];
    }
    for (int j = 0; j < next.length; j++) {
      next[j] *= tau / sum;
    }
    return next;
  }

  private Point solve(double[] b, double lambda) {
    Matrix a = fixed.copy();
    addWords(b, a);
    a.addToDiagonal(lambda);
    Cholesky factored = Cholesky.of(a, products);
    Matrix y = factored.solveRows(concepts);
    double value = energies.trace() - energies.dot(products.productTransposed(concepts, y));
    Matrix seen = products.productTransposed(wordRows, products.product(root, y));
    double[] damages = new double[words.count()];
    double worst = 0;
    int perWord = words.rank() * seen.columns();
    for (int j = 0; j < damages.length; j++) {
      double sum = 0;
      for (int i = j * perWord; i < (j + 1) * perWord; i++) {
        sum += seen.values()[i] * seen.values()[i];
      }
      damages[j] = sum;
      worst = Math.max(worst, sum);
    }
    if (!(worst > 0)) {
      throw new LetheException("an edit that moves no word cannot be judged by its damage");
    }
    return new Point(b, value, damages, worst, y, factored);
  }

  /** {@code A += sum_j b_j X_j^T X_j}; weights too small to show in the sum are passed over. */
  private void addWords(double[] b, Matrix a) {
    double least = NEGLIGIBLE * Arrays.stream(b).max().orElse(0);
    int rank = words.rank();
    double[] byRow = new double[b.length * rank];
    for (int row = 0; row < byRow.length; row++) {
      double weight = b[row / rank];
      byRow[row] = weight > least ? weight : 0;
    }
    products.addWeightedGram(words.rows(), byRow, a);
  }

  private Outcome outcome(Point point, double gap, int solves) {
    // M c_i = sum_m moves_m (y_m . c_i): what is missing are the moves times K^T - I
    Matrix missing = products.productTransposed(concepts, point.y());
    missing.addToDiagonal(-1);
    double error = products.product(missing, energies).dot(missing);
    return new Outcome(
        new RightFactor(moves, point.y()).compact(products),
        point.b(),
        point.damages(),
        error,
        gap,
        solves,
        point.factored()::condition);
  }
}
