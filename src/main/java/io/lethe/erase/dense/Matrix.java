// A dense matrix of doubles.
package io.lethe.erase.dense;

import io.lethe.LetheException;
import java.util.Arrays;
import java.util.List;

/**
 * Row-major numbers. Embeddings are rows throughout the closed-form erasers: a prompt is {@code
 * [tokens, width]}, a projection {@code [outputs, width]}.
 *
 * @param rows at least 0
 * @param columns at least 0
 * @param values {@code rows * columns} numbers, shared with whoever made the matrix
 */
public record Matrix(int rows, int columns, double[] values) {
  public Matrix {
    if (values.length != Math.multiplyExact(rows, columns)) {
      throw new LetheException(
          values.length + " numbers for a matrix of " + rows + " x " + columns);
    }
  }

  public static Matrix zeros(int rows, int columns) {
    return new Matrix(rows, columns, new double[Math.multiplyExact(rows, columns)]);
  }

  public static Matrix identity(int size) {
    Matrix result = zeros(size, size);
    result.addToDiagonal(1);
    return result;
  }

  /** One row. */
  public static Matrix row(double... values) {
    return new Matrix(1, values.length, values);
  }

  /** Widened exactly. */
  public static Matrix of(int rows, int columns, float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return new Matrix(rows, columns, wide);
  }

  /** Matrices of as many columns, one above the other. */
  public static Matrix stack(List<Matrix> parts, int columns) {
    int rows = 0;
    for (Matrix part : parts) {
      rows += part.rows();
    }
    Matrix result = zeros(rows, columns);
    int at = 0;
    for (Matrix part : parts) {
      requireEqual("columns of a stack", part.columns(), columns);
      System.arraycopy(part.values, 0, result.values, at, part.values.length);
      at += part.values.length;
    }
    return result;
  }

  public double get(int row, int column) {
    return values[row * columns + column];
  }

  public void set(int row, int column, double value) {
    values[row * columns + column] = value;
  }

  public Matrix copy() {
    return new Matrix(rows, columns, values.clone());
  }

  /** Rows {@code [from, to)}. */
  public Matrix rows(int from, int to) {
    return new Matrix(to - from, columns, Arrays.copyOfRange(values, from * columns, to * columns));
  }

  public Matrix transpose() {
    Matrix result = zeros(columns, rows);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result.values[j * rows + i] = values[i * columns + j];
      }
    }
    return result;
  }

  public Matrix plus(Matrix other) {
    return combine(other, 1);
  }

  public Matrix minus(Matrix other) {
    return combine(other, -1);
  }

  /** {@code this + factor other}. */
  public Matrix combine(Matrix other, double factor) {
    requireEqual("rows", rows, other.rows);
    requireEqual("columns", columns, other.columns);
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i] + factor * other.values[i];
    }
    return new Matrix(rows, columns, result);
  }

  public Matrix times(double factor) {
    double[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= factor;
    }
    return new Matrix(rows, columns, result);
  }

  /** Row i times {@code factors[i]}. */
  public Matrix scaleRows(double[] factors) {
    requireEqual("factors", rows, factors.length);
    double[] result = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[i * columns + j] = factors[i] * values[i * columns + j];
      }
    }
    return new Matrix(rows, columns, result);
  }

  /** Adds to this matrix itself. */
  public void addToDiagonal(double value) {
    for (int i = 0; i < Math.min(rows, columns); i++) {
      values[i * columns + i] += value;
    }
  }

  public double trace() {
    double sum = 0;
    for (int i = 0; i < Math.min(rows, columns); i++) {
      sum += values[i * columns + i];
    }
    return sum;
  }

  /** The sum of products of equal places, {@code tr(this^T other)}. */
  public double dot(Matrix other) {
    requireEqual("numbers", values.length, other.values.length);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i] * other.values[i];
    }
    return sum;
  }

  /** The Frobenius norm. */
  public double norm() {
    return Math.sqrt(dot(this));
  }

  static void requireEqual(String what, int a, int b) {
    if (a != b) {
      throw new LetheException(what + " do not fit: " + a + " and " + b);
    }
  }
}
