// Loops over one row of a projection: floats of the file, summed in double.
package io.lethe.erase.closed;

/**
 * Each is a method of its own, so that the compiler has it ready after a few rows: an edit of one
 * concept is over before it would get to the end of a larger one.
 */
final class WideSums {
  private WideSums() {}

  /** {@code target[i] = factor rows[i]}. */
  static void widen(float[] rows, double factor, double[] target, int at) {
    for (int i = 0; i < rows.length; i++) {
      target[at + i] = factor * rows[i];
    }
  }

  /** {@code sum_j a[j] b[j]} over {@code width} numbers from these places on. */
  static double dot(float[] a, int atA, double[] b, int atB, int width) {
    double s0 = 0; // four sums, as one would wait for itself
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int j = 0;
    for (; j + 3 < width; j += 4) {
      s0 += a[atA + j] * b[atB + j];
      s1 += a[atA + j + 1] * b[atB + j + 1];
      s2 += a[atA + j + 2] * b[atB + j + 2];
      s3 += a[atA + j + 3] * b[atB + j + 3];
    }
    for (; j < width; j++) {
      s0 += a[atA + j] * b[atB + j];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** {@code sum[j] += factor row[j]}. */
  static void addScaled(double factor, double[] rows, int at, double[] sum) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += factor * rows[at + j];
    }
  }

  /** {@code target[j] = row[j] + change[j]}, rounded to float once. */
  static void round(float[] rows, int at, double[] change, float[] target, int atTarget) {
    for (int j = 0; j < change.length; j++) {
      target[atTarget + j] = (float) (rows[at + j] + change[j]);
    }
  }
}
