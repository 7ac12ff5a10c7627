// The edit I + M of an embedding, with M in two thin factors.
package io.lethe.erase.closed;

import io.lethe.LetheException;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.erase.dense.SymmetricEigen;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;

/**
 * {@code M = sum_i left_i right_i^T}: an embedding x becomes {@code x + sum_i left_i (right_i . x)}
 * before the projections see it.
 *
 * @param left {@code [k, width]}
 * @param right {@code [k, width]}
 */
public record RightFactor(Matrix left, Matrix right) {
  /** Singular values below this share of the largest are rounding. */
  private static final double NEGLIGIBLE = 1e-7;

  public RightFactor {
    if (left.rows() != right.rows() || left.columns() != right.columns()) {
      throw new LetheException(
          "factors of %d x %d and %d x %d"
              .formatted(left.rows(), left.columns(), right.rows(), right.columns()));
    }
  }

  /** Changes nothing. */
  public static RightFactor none(int width) {
    return new RightFactor(Matrix.zeros(0, width), Matrix.zeros(0, width));
  }

  /** Any M {@code [width, width]} that acts on columns; {@code left = I}, {@code right = M}. */
  public static RightFactor dense(Matrix m) {
    return new RightFactor(Matrix.identity(m.rows()), m);
  }

  public int width() {
    return left.columns();
  }

  /** How many pairs of rows; the rank is at most that. */
  public int pairs() {
    return left.rows();
  }

  /** {@code M x} for rows x: {@code [n, width]}. */
  public Matrix shift(Matrix rows, Products products) {
    return products.product(products.productTransposed(rows, right), left);
  }

  /** {@code x + M x} for rows x. */
  public Matrix apply(Matrix rows, Products products) {
    return rows.plus(shift(rows, products));
  }

  /** M itself, {@code [width, width]}, acting on columns. */
  public Matrix matrix(Products products) {
    return products.transposedProduct(left, right);
  }

  /** {@code I + M}. */
  public Matrix whole(Products products) {
    Matrix whole = matrix(products);
    whole.addToDiagonal(1);
    return whole;
  }

  /**
   * {@code (I + this)(I + other) - I}: {@code other} acts on the embedding first. Pairs add up, and
   * a square takes their place where they are more than its rows.
   */
  public RightFactor compose(RightFactor other, Products products) {
    // (I + L1 R1)(I + L2 R2) - I = L1 R1 + (I + L1 R1) L2 R2
    Matrix moved = apply(other.left, products);
    return new RightFactor(
            Matrix.stack(List.of(left, moved), width()),
            Matrix.stack(List.of(right, other.right), width()))
        .compact(products);
  }

  /** The same M, as one square where there are more pairs than that has rows. */
  public RightFactor compact(Products products) {
    return pairs() > width() ? dense(matrix(products)) : this;
  }

  /**
   * {@code (I + M)^-1 - I = -left^T (I + right left^T)^-1 right}, or nothing if I + M is singular
   * to working precision.
   */
  public Optional<RightFactor> inverse(Products products) {
    if (pairs() == 0) {
      return Optional.of(this);
    }
    int k = pairs();
    Matrix core = products.productTransposed(right, left);
    core.addToDiagonal(1);
    double[][] rows = new double[k][];
    for (int i = 0; i < k; i++) {
      rows[i] = core.rows(i, i + 1).values();
    }
    LUDecomposition lu = new LUDecomposition(new Array2DRowRealMatrix(rows, false), 1e-14);
    if (!lu.getSolver().isNonSingular()) {
      return Optional.empty();
    }
    double[][] solved = lu.getSolver().getInverse().getData();
    Matrix inverse = Matrix.zeros(k, k);
    for (int i = 0; i < k; i++) {
      System.arraycopy(solved[i], 0, inverse.values(), i * k, k);
    }
    return Optional.of(new RightFactor(left, products.product(inverse, right).times(-1)));
  }

  /** The Frobenius norm of M: {@code sqrt(tr(left left^T right right^T))}. */
  public double norm(Products products) {
    return Math.sqrt(Math.max(0, products.outerGram(left).dot(products.outerGram(right))));
  }

  /** The singular values of M that are not rounding, descending. */
  public double[] singularValues(Products products, io.lethe.backend.Parallel threads) {
    if (pairs() == 0) {
      return new double[0];
    }
    // those of A B^T are the roots of the eigenvalues of (A A^T)^1/2 (B B^T) (A A^T)^1/2
    SymmetricEigen outer = SymmetricEigen.of(products.outerGram(left), threads);
    double[] roots = new double[pairs()];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = Math.sqrt(Math.max(0, outer.values()[i]));
    }
    Matrix mixed = products.product(outer.vectors().scaleRows(roots), right);
    double[] squares = SymmetricEigen.of(products.outerGram(mixed), threads).values();
    double largest = Math.sqrt(Math.max(0, squares[squares.length - 1]));
    double[] values = new double[squares.length];
    int count = 0;
    for (int i = squares.length - 1; i >= 0; i--) {
      double value = Math.sqrt(Math.max(0, squares[i]));
      if (value > NEGLIGIBLE * largest) {
        values[count++] = value;
      }
    }
    return java.util.Arrays.copyOf(values, count);
  }
}
