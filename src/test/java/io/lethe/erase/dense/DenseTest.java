// Products, Cholesky factors and eigenvectors against their definitions.
package io.lethe.erase.dense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.backend.cpu.Cpu;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Odd sizes, so that no edge of a tile goes unseen. */
public final class DenseTest {
  private final Products products = new Products(Parallel.ALONE);

  /** Uniform in [-1, 1). */
  public static Matrix random(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Matrix matrix = Matrix.zeros(rows, columns);
    for (int i = 0; i < matrix.values().length; i++) {
      matrix.values()[i] = random.nextDouble(-1, 1);
    }
    return matrix;
  }

  /** {@code ||a - b|| <= tolerance ||b||}. */
  public static void assertNear(Matrix expected, Matrix actual, double tolerance) {
    double error = actual.minus(expected).norm();
    assertTrue(
        error <= tolerance * expected.norm(), () -> error / expected.norm() + " > " + tolerance);
  }

  private static Matrix naive(Matrix a, Matrix b) {
    Matrix c = Matrix.zeros(a.rows(), b.columns());
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < b.columns(); j++) {
        double sum = 0;
        for (int p = 0; p < a.columns(); p++) {
          sum += a.get(i, p) * b.get(p, j);
        }
        c.set(i, j, sum);
      }
    }
    return c;
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "4,24,128", "5,7,3", "97,101,131", "200,25,257", "3,300,129"})
  void productsAreSumsOfProducts(int m, int n, int k) {
    Matrix a = random(m, k, 1);
    Matrix b = random(k, n, 2);
    Matrix expected = naive(a, b);
    assertNear(expected, products.product(a, b), 1e-14);
    assertNear(expected, products.productTransposed(a, b.transpose()), 1e-14);
    assertNear(expected, products.transposedProduct(a.transpose(), b), 1e-14);
    Matrix gram = naive(a.transpose(), a);
    assertNear(gram, products.gram(a), 1e-14);
    assertNear(gram, products.outerGram(a.transpose()), 1e-14);
  }

  @Test
  void sameBytesForAnyNumberOfThreads() {
    Matrix a = random(211, 307, 3);
    Matrix square = products.gram(a);
    square.addToDiagonal(1);
    try (Cpu three = new Cpu(3)) {
      Products shared = new Products(three.parallel());
      assertArrayEquals(square.values(), plusOne(shared.gram(a)).values());
      assertArrayEquals(
          Cholesky.of(square, products).solve(a.transpose()).values(),
          Cholesky.of(square, shared).solve(a.transpose()).values());
      assertArrayEquals(
          SymmetricEigen.of(square, Parallel.ALONE).vectors().values(),
          SymmetricEigen.of(square, three.parallel()).vectors().values());
    }
  }

  private static Matrix plusOne(Matrix matrix) {
    matrix.addToDiagonal(1);
    return matrix;
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "63", "64", "65", "200", "331"})
  void choleskyFactorsAndSolves(int n) {
    Matrix a = products.gram(random(n + 10, n, n));
    a.addToDiagonal(0.1);
    Cholesky factored = Cholesky.of(a, products);
    assertNear(a, naive(factored.lower(), factored.lower().transpose()), 1e-13);
    Matrix x = random(n, 5, 7);
    assertNear(x, factored.solve(naive(a, x)), 1e-9);
    Matrix rows = random(5, n, 8);
    assertNear(rows, factored.solveRows(naive(rows, a)), 1e-9);
    double[] values = SymmetricEigen.of(a, Parallel.ALONE).values();
    double condition = values[n - 1] / values[0];
    assertTrue(Math.abs(factored.condition() / condition - 1) < 0.02);
  }

  @Test
  void whatIsNotPositiveDefiniteIsRefused() {
    Matrix a = Matrix.identity(70);
    a.set(69, 69, -1);
    assertThrows(LetheException.class, () -> Cholesky.of(a, products));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,1", "40,40", "150,20", "300,300"})
  void eigenvectorsDiagonalise(int n, int rank) {
    Matrix a = products.gram(random(rank, n, 11));
    SymmetricEigen eigen = SymmetricEigen.of(a, Parallel.ALONE);
    Matrix v = eigen.vectors();
    assertNear(Matrix.identity(n), naive(v, v.transpose()), 1e-12);
    assertNear(a, naive(v.transpose(), v.scaleRows(eigen.values())), 1e-12);
    for (int i = 1; i < n; i++) {
      assertTrue(eigen.values()[i - 1] <= eigen.values()[i]);
    }
    assertTrue(Math.abs(eigen.values()[n - 1]) > 0);
    for (int i = 0; i < n - rank; i++) {
      assertTrue(Math.abs(eigen.values()[i]) <= 1e-12 * eigen.values()[n - 1]);
    }
  }

  /** Rank 1 and 20 leave eigenvalues of 0 together; the shifted ones have many below 0. */
  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,1", "40,40", "150,20", "300,300", "70,1"})
  void leadingEigenvectorsAreThoseOfTheWhole(int n, int rank) {
    Matrix a = products.gram(random(rank, n, 12));
    assertLeading(a, 1e-9);
    assertLeading(a, 0.3);
    Matrix shifted = a.copy();
    shifted.addToDiagonal(-a.trace() / n);
    assertLeading(shifted, 0);
  }

  @Test
  void leadingEigenvectorsOfEqualValuesAreOrthogonal() {
    Matrix a = Matrix.identity(90);
    Matrix turned = products.gram(random(5, 90, 13));
    for (int i = 60; i < 90; i++) {
      a.set(i, i, 3 - 1e-15 * i); // a cluster in a matrix that falls apart
    }
    assertLeading(a, 0);
    a.addToDiagonal(1);
    assertLeading(a.plus(turned), 0); // 85 values of 2 and 4, mixed by five others
    assertTrue(LeadingEigen.of(Matrix.zeros(7, 7), 0, Parallel.ALONE).vectors().rows() == 0);
    assertTrue(
        LeadingEigen.of(Matrix.identity(7).times(-1), 0, Parallel.ALONE).vectors().rows() == 0);
  }

  private void assertLeading(Matrix a, double share) {
    SymmetricEigen all = SymmetricEigen.of(a, Parallel.ALONE);
    LeadingEigen leading = LeadingEigen.of(a, share, Parallel.ALONE);
    int count = leading.values().length;
    int n = a.rows();
    double largest = all.values()[n - 1];
    double scale = Math.max(Math.abs(all.values()[0]), largest);
    for (int i = 0; i < n; i++) {
      double least = Math.max(0, share * largest);
      assertTrue(
          all.values()[i] > least == i >= n - count
              || Math.abs(all.values()[i] - least) <= 1e-12 * scale);
    }
    Matrix v = leading.vectors();
    assertNear(Matrix.identity(count), naive(v, v.transpose()), 1e-12);
    Matrix image = naive(v, a);
    double error = image.minus(v.scaleRows(leading.values())).norm();
    assertTrue(error <= 1e-12 * scale * Math.sqrt(count), () -> "A v - lambda v: " + error);
    for (int i = 0; i < count; i++) {
      double difference = leading.values()[i] - all.values()[n - count + i];
      assertTrue(Math.abs(difference) <= 1e-12 * scale);
    }
  }
}
