// SPEED's edit is what its equations say, written out in full.
package io.lethe.erase.closed;

import static io.lethe.erase.dense.DenseTest.assertNear;
import static io.lethe.erase.dense.DenseTest.random;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.Parallel;
import io.lethe.diffusion.TorchRandom;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a transcription that makes every matrix, with another library's decompositions. */
final class NullSpaceEditTest {
  private static final Products PRODUCTS = new Products(Parallel.ALONE);
  private static final int WIDTH = 24;

  private final Matrix invariants = random(4, WIDTH, 5);

  /** A problem: concepts and guides, preserved rows near a few directions, a projection. */
  private record Problem(NullSpaceEdit.Targets targets, Matrix preserved, Matrix weight) {
    static Problem of(int concepts, int texts, int preserved, int outputs, long seed) {
      Matrix common = random(1, WIDTH, seed + 9).times(3);
      Matrix rows = random(preserved, WIDTH, seed);
      for (int i = 0; i < preserved; i++) {
        for (int j = 0; j < WIDTH; j++) {
          // Every direction smaller than the one before, so that some are under any threshold.
          rows.set(i, j, rows.get(i, j) * Math.pow(0.8, j) + common.get(0, j));
        }
      }
      return new Problem(
          new NullSpaceEdit.Targets(
              random(concepts, WIDTH, seed + 1), random(concepts, WIDTH, seed + 2), texts),
          rows,
          random(outputs, WIDTH, seed + 3));
    }
  }

  private NullSpaceEdit.Layer solve(Problem problem, NullSpaceEdit.Settings settings) {
    return new NullSpaceEdit(PRODUCTS, problem.targets(), problem.preserved(), invariants, settings)
        .solve(problem.weight(), new TorchRandom(7));
  }

  private static RealMatrix real(Matrix matrix) {
    RealMatrix result = new Array2DRowRealMatrix(matrix.rows(), matrix.columns());
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.columns(); j++) {
        result.setEntry(i, j, matrix.get(i, j));
      }
    }
    return result;
  }

  private static Matrix matrix(RealMatrix real) {
    Matrix result = Matrix.zeros(real.getRowDimension(), real.getColumnDimension());
    for (int i = 0; i < result.rows(); i++) {
      for (int j = 0; j < result.columns(); j++) {
        result.set(i, j, real.getEntry(i, j));
      }
    }
    return result;
  }

  private static RealMatrix inverse(RealMatrix a) {
    return new LUDecomposition(a, 1e-300).getSolver().getInverse();
  }

  private static RealMatrix outer(RealVector a, RealVector b) {
    return a.outerProduct(b);
  }

  /** N_l of the specification, line by line; columns are vectors. */
  private RealMatrix transcribed(Problem problem, NullSpaceEdit.Settings settings) {
    RealMatrix identity = MatrixUtils.createRealIdentityMatrix(WIDTH);
    RealMatrix concepts = real(problem.targets().concepts());
    RealMatrix guides = real(problem.targets().guides());
    RealMatrix t = new Array2DRowRealMatrix(WIDTH, WIDTH);
    RealMatrix a = new Array2DRowRealMatrix(WIDTH, WIDTH);
    for (int i = 0; i < concepts.getRowDimension(); i++) {
      t = t.add(outer(concepts.getRowVector(i), concepts.getRowVector(i)));
      a = a.add(outer(guides.getRowVector(i), concepts.getRowVector(i)));
    }
    t = t.scalarMultiply(1.0 / problem.targets().texts());
    a = a.scalarMultiply(1.0 / problem.targets().texts());
    RealMatrix weight = real(problem.weight());
    RealMatrix e = weight.multiply(a.subtract(t)).multiply(inverse(t.add(identity)));
    RealMatrix all = real(problem.preserved());

    List<RealVector> kept = new ArrayList<>();
    double mean = 0;
    for (int i = 0; i < all.getRowDimension(); i++) {
      mean += e.operate(all.getRowVector(i)).getNorm() / all.getRowDimension();
    }
    for (int i = 0; i < all.getRowDimension(); i++) {
      RealVector x = all.getRowVector(i);
      if (!settings.filter() || e.operate(x).getNorm() > mean) {
        kept.add(x);
      }
    }

    List<RealVector> everything = new ArrayList<>(kept);
    SingularValueDecomposition svd = new SingularValueDecomposition(weight);
    int smallest = Math.min(weight.getRowDimension(), WIDTH) - 1;
    RealVector v = svd.getV().getColumnVector(smallest);
    v = v.mapMultiply(Math.signum(v.getEntry(largest(v)))); // a vector's sign is free
    TorchRandom normals = new TorchRandom(7);
    for (int from = 0; from < kept.size() && settings.copies() > 0; from += 128) {
      List<RealVector> chunk = kept.subList(from, Math.min(from + 128, kept.size()));
      float[] s = normals.randn(chunk.size() * settings.copies());
      List<RealVector> copies = new ArrayList<>();
      for (int copy = 0; copy < settings.copies(); copy++) {
        for (int i = 0; i < chunk.size(); i++) {
          copies.add(chunk.get(i).add(v.mapMultiply(s[copy * chunk.size() + i])));
        }
      }
      double chunkMean = 0;
      for (RealVector copy : copies) {
        chunkMean += e.operate(copy).getNorm() / copies.size();
      }
      for (RealVector copy : copies) {
        if (e.operate(copy).getNorm() > chunkMean) {
          everything.add(copy);
        }
      }
    }

    RealMatrix r = new Array2DRowRealMatrix(WIDTH, WIDTH);
    for (RealVector x : everything) {
      r = r.add(outer(x, x).scalarMultiply(1.0 / everything.size()));
    }
    EigenDecomposition eigen = new EigenDecomposition(r);
    List<RealVector> under = new ArrayList<>();
    for (int i = 0; i < WIDTH; i++) {
      if (eigen.getRealEigenvalue(i) < settings.threshold()) {
        under.add(eigen.getEigenvector(i));
      }
    }
    RealMatrix v0 = new Array2DRowRealMatrix(WIDTH, under.size());
    for (int i = 0; i < under.size(); i++) {
      v0.setColumnVector(i, under.get(i));
    }
    RealMatrix inside =
        v0.transpose()
            .multiply(t)
            .multiply(v0)
            .add(MatrixUtils.createRealIdentityMatrix(under.size()).scalarMultiply(settings.rho()));
    RealMatrix q = v0.multiply(inverse(inside)).multiply(v0.transpose());
    RealMatrix k = real(invariants).transpose();
    RealMatrix square =
        k.transpose()
            .multiply(q)
            .multiply(k)
            .add(MatrixUtils.createRealIdentityMatrix(4).scalarMultiply(settings.slack()));
    RealMatrix bracket =
        q.subtract(q.multiply(k).multiply(inverse(square)).multiply(k.transpose()).multiply(q));
    return a.subtract(t).multiply(bracket);
  }

  private static int largest(RealVector v) {
    int largest = 0;
    for (int j = 0; j < v.getDimension(); j++) {
      if (Math.abs(v.getEntry(j)) > Math.abs(v.getEntry(largest))) {
        largest = j;
      }
    }
    return largest;
  }

  @ParameterizedTest
  @CsvSource({
    // concepts, texts, preserved, outputs, filter, copies, threshold, rho, slack
    "1, 1, 15, 10, false, 10, 1e-3, 0.05, 0", // Gram form, outputs < width
    "3, 3, 40, 10, true, 10, 1e-2, 1, 0", // filter
    "3, 3, 15, 60, true, 4, 1e-3, 1, 0", // outputs > width
    "5, 5, 300, 60, false, 3, 1e-2, 1, 0", // dense form, three chunks
    "2, 2, 400, 20, true, 10, 1e-1, 1, 0", // chunks after the filter
    "12, 2, 9, 20, true, 10, 1e-2, 0.7, 0.5", // rows of texts, and slack
    "30, 30, 15, 20, false, 10, 1e-4, 0.05, 0", // more concepts than numbers
    "2, 2, 15, 20, false, 0, 1e-3, 1, 0", // no copies
  })
  void isWhatTheEquationsSay(
      int concepts,
      int texts,
      int preserved,
      int outputs,
      boolean filter,
      int copies,
      double threshold,
      double rho,
      double slack) {
    Problem problem = Problem.of(concepts, texts, preserved, outputs, 100 + concepts);
    NullSpaceEdit.Settings settings =
        new NullSpaceEdit.Settings(filter, copies, threshold, rho, slack);
    NullSpaceEdit.Layer layer = solve(problem, settings);
    assertTrue(layer.directions() > 0 && layer.directions() < WIDTH, "" + layer.directions());
    assertNear(matrix(transcribed(problem, settings)), layer.factor().matrix(PRODUCTS), 1e-7);
  }

  @Test
  void invariantsStayToTheLastDigitWithoutSlack() {
    Problem problem = Problem.of(2, 2, 15, 10, 3);
    RightFactor exact = solve(problem, new NullSpaceEdit.Settings(true, 10, 1e-2, 1, 0)).factor();
    RightFactor loose = solve(problem, new NullSpaceEdit.Settings(true, 10, 1e-2, 1, 0.5)).factor();
    double scale = exact.norm(PRODUCTS) * invariants.norm();
    assertTrue(exact.shift(invariants, PRODUCTS).norm() <= 1e-12 * scale);
    assertTrue(loose.shift(invariants, PRODUCTS).norm() > 1e-6 * scale);
  }

  @Test
  void invariantsThatArePreservedAnywayDoNoHarm() {
    Problem problem = Problem.of(2, 2, 15, 10, 3);
    Matrix both = Matrix.stack(List.of(problem.preserved(), invariants), WIDTH);
    NullSpaceEdit.Settings settings = new NullSpaceEdit.Settings(false, 0, 1e-9, 1, 0);
    RightFactor factor =
        new NullSpaceEdit(PRODUCTS, problem.targets(), both, invariants, settings)
            .solve(problem.weight(), new TorchRandom(7))
            .factor();
    assertTrue(factor.norm(PRODUCTS) > 1e-3);
    assertTrue(factor.shift(both, PRODUCTS).norm() <= 1e-9 * factor.norm(PRODUCTS) * both.norm());
  }

  @ParameterizedTest
  @CsvSource({"10, 24", "24, 24", "60, 24", "5, 7", "90, 300", "300, 90"})
  void theSmallestDirectionIsThatOfTheDecomposition(int outputs, int width) {
    Matrix weight = random(outputs, width, 31);
    SingularValueDecomposition svd = new SingularValueDecomposition(real(weight));
    RealVector v = svd.getV().getColumnVector(Math.min(outputs, width) - 1);
    v = v.mapMultiply(Math.signum(v.getEntry(largest(v))));
    assertNear(Matrix.row(v.toArray()), SmallestDirection.of(weight, PRODUCTS), 1e-7);
  }

  @Test
  void aSingularProjectionHasADirectionToo() {
    Matrix weight = random(40, 60, 8);
    System.arraycopy(weight.values(), 0, weight.values(), 60, 60); // two equal rows
    Matrix tall = Matrix.zeros(60, 40);
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 39; j++) {
        tall.set(i, j, weight.get(j, i));
      }
    }
    Matrix direction = SmallestDirection.of(tall, PRODUCTS);
    assertTrue(PRODUCTS.productTransposed(direction, tall).norm() <= 1e-7);
  }

  @Test
  void centresAreMeansOfTheirRows() {
    Matrix rows = random(60, 3, 2).times(0.1);
    for (int i = 0; i < 60; i++) {
      rows.set(i, i % 3, rows.get(i, i % 3) + 5);
    }
    Matrix centres = KMeans.centres(rows, 3);
    assertEquals(3, centres.rows());
    Matrix expected = Matrix.zeros(3, 3);
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 3; j++) {
        expected.set(i % 3, j, expected.get(i % 3, j) + rows.get(i, j) / 20);
      }
    }
    for (int c = 0; c < 3; c++) {
      Matrix one = expected.rows(c, c + 1);
      double nearest = Double.MAX_VALUE;
      for (int other = 0; other < 3; other++) {
        nearest = Math.min(nearest, centres.rows(other, other + 1).minus(one).norm());
      }
      assertTrue(nearest <= 1e-12, "" + nearest);
    }
    assertEquals(1, KMeans.centres(Matrix.zeros(5, 3), 3).rows(), "equal rows have one centre");
  }
}
