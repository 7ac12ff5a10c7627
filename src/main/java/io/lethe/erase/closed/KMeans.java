// Centres of groups of rows.
package io.lethe.erase.closed;

import io.lethe.erase.dense.Matrix;

/**
 * Lloyd's k-means (1982): each row goes to its nearest centre, each centre to the mean of its rows,
 * until nothing moves. It starts from the first row and, one after the other, the row that is
 * farthest from the centres so far, so that nothing is left to chance.
 */
final class KMeans {
  private static final int MOST_ROUNDS = 300;

  private KMeans() {}

  /**
   * @param rows {@code [n, width]}
   * @param count how many centres; fewer come back where there are fewer distinct rows
   * @return {@code [count, width]}
   */
  static Matrix centres(Matrix rows, int count) {
    Matrix centres = farthest(rows, count);
    int[] nearest = new int[rows.rows()];
    for (int round = 0; round < MOST_ROUNDS; round++) {
      boolean moved = round == 0;
      for (int i = 0; i < nearest.length; i++) {
        int best = nearest(rows, i, centres, centres.rows());
        moved |= best != nearest[i];
        nearest[i] = best;
      }
      if (!moved) {
        break;
      }
      centres = means(rows, nearest, centres);
    }
    return centres;
  }

  private static Matrix farthest(Matrix rows, int count) {
    int width = rows.columns();
    Matrix centres = Matrix.zeros(Math.min(count, rows.rows()), width);
    System.arraycopy(rows.values(), 0, centres.values(), 0, width);
    for (int found = 1; found < centres.rows(); found++) {
      int farthest = 0;
      double most = 0;
      for (int i = 0; i < rows.rows(); i++) {
        double away = distance(rows, i, centres, nearest(rows, i, centres, found));
        if (away > most) {
          most = away;
          farthest = i;
        }
      }
      if (most == 0) {
        return centres.rows(0, found);
      }
      System.arraycopy(rows.values(), farthest * width, centres.values(), found * width, width);
    }
    return centres;
  }

  /** Means of the rows of each group; an empty group keeps its centre. */
  private static Matrix means(Matrix rows, int[] group, Matrix before) {
    int width = rows.columns();
    Matrix sums = Matrix.zeros(before.rows(), width);
    int[] counts = new int[before.rows()];
    for (int i = 0; i < group.length; i++) {
      counts[group[i]]++;
      for (int j = 0; j < width; j++) {
        sums.values()[group[i] * width + j] += rows.get(i, j);
      }
    }
    for (int c = 0; c < counts.length; c++) {
      for (int j = 0; j < width; j++) {
        sums.set(c, j, counts[c] == 0 ? before.get(c, j) : sums.get(c, j) / counts[c]);
      }
    }
    return sums;
  }

  private static int nearest(Matrix rows, int row, Matrix centres, int count) {
    int best = 0;
    for (int c = 1; c < count; c++) {
      if (distance(rows, row, centres, c) < distance(rows, row, centres, best)) {
        best = c;
      }
    }
    return best;
  }

  private static double distance(Matrix a, int i, Matrix b, int j) {
    double sum = 0;
    for (int p = 0; p < a.columns(); p++) {
      double difference = a.get(i, p) - b.get(j, p);
      sum += difference * difference;
    }
    return sum;
  }
}
