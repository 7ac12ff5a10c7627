// The direction that a projection passes on least.
package io.lethe.erase.closed;

import io.lethe.LetheException;
import io.lethe.backend.Parallel;
import io.lethe.erase.dense.Cholesky;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;
import java.util.Optional;

/**
 * The last right singular vector of W's thin decomposition: that of the smallest of its {@code
 * min(outputs, width)} singular values. By inverse iteration with the smaller of {@code W W^T} and
 * {@code W^T W} on a block of eight vectors, with a shift that comes nearer to the eigenvalue from
 * below: some factors of {@code n^3 / 3} operations each, where all eigenvectors would take {@code
 * 7 n^3}.
 */
final class SmallestDirection {
  private static final int BLOCK = 8;
  private static final int MOST_ROUNDS = 60;

  /** Error of the vector that counts as none. */
  private static final double PRECISION = 1e-9;

  private SmallestDirection() {}

  /**
   * @param weight {@code [outputs, width]}
   * @return {@code [1, width]} of length 1, its largest number above 0
   */
  static Matrix of(Matrix weight, Products products) {
    boolean wide = weight.rows() < weight.columns();
    Matrix square = wide ? products.outerGram(weight) : products.gram(weight);
    Matrix vector = smallest(square, products);
    Matrix direction = wide ? products.product(vector, weight) : vector;
    int largest = 0;
    for (int j = 0; j < direction.columns(); j++) {
      if (Math.abs(direction.get(0, j)) > Math.abs(direction.get(0, largest))) {
        largest = j;
      }
    }
    double length = direction.norm();
    if (!(length > 0)) {
      throw new LetheException("a projection of " + weight.rows() + " outputs is singular");
    }
    return direction.times(Math.signum(direction.get(0, largest)) / length);
  }

  /** The eigenvector {@code [1, n]} of the smallest eigenvalue. */
  private static Matrix smallest(Matrix a, Products products) {
    if (a.rows() > 2 * BLOCK) {
      Optional<Cholesky> factored = shifted(a, 0, products);
      if (factored.isPresent()) {
        Optional<Matrix> found = iterate(a, factored.get(), products);
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    return SymmetricEigen.of(a, Parallel.ALONE).vectors().rows(0, 1);
  }

  /** Nothing where the smallest eigenvalue does not stand apart enough. */
  private static Optional<Matrix> iterate(Matrix a, Cholesky first, Products products) {
    Cholesky factored = first;
    double shift = 0;
    Matrix rows = orthonormal(start(a.rows()));
    for (int round = 0; round < MOST_ROUNDS; round++) {
      rows = orthonormal(factored.solveRows(rows));
      Matrix images = products.product(rows, a);
      SymmetricEigen ritz =
          SymmetricEigen.of(products.productTransposed(images, rows), Parallel.ALONE);
      rows = products.product(ritz.vectors(), rows);
      Matrix vector = rows.rows(0, 1);
      double value = ritz.values()[0];
      Matrix image = products.product(ritz.vectors().rows(0, 1), images);
      double residual = image.combine(vector, -value).norm();
      if (residual <= PRECISION * (ritz.values()[1] - value)) {
        return Optional.of(vector);
      }
      // An eigenvalue lies within the residual; below it, and near, the iteration is fast.
      double nearer = value - 2 * residual;
      if (value - nearer < (value - shift) / 4) {
        Optional<Cholesky> better = shifted(a, nearer, products);
        if (better.isPresent()) {
          factored = better.get();
          shift = nearer;
        }
      }
    }
    return Optional.empty();
  }

  /** The factor of {@code A - shift I}, or nothing where that is not positive definite. */
  private static Optional<Cholesky> shifted(Matrix a, double shift, Products products) {
    Matrix moved = a.copy();
    moved.addToDiagonal(-shift);
    try {
      return Optional.of(Cholesky.of(moved, products));
    } catch (LetheException indefinite) {
      return Optional.empty(); // how Cholesky says so
    }
  }

  /** Rows without a symmetry that an eigenvector may share. */
  private static Matrix start(int n) {
    Matrix rows = Matrix.zeros(BLOCK, n);
    for (int i = 0; i < rows.values().length; i++) {
      rows.values()[i] = Math.sin(1 + i * (1 + Math.sqrt(5)) / 2);
    }
    return rows;
  }

  /** Gram and Schmidt, twice, since inverse iteration makes rows nearly parallel. */
  private static Matrix orthonormal(Matrix given) {
    Matrix rows = given.copy();
    int n = rows.columns();
    double[] v = rows.values();
    for (int i = 0; i < rows.rows(); i++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int p = 0; p < i; p++) {
          double along = 0;
          for (int j = 0; j < n; j++) {
            along += v[i * n + j] * v[p * n + j];
          }
          for (int j = 0; j < n; j++) {
            v[i * n + j] -= along * v[p * n + j];
          }
        }
        double length = rows.rows(i, i + 1).norm();
        for (int j = 0; j < n; j++) {
          v[i * n + j] /= length;
        }
      }
    }
    return rows;
  }
}
