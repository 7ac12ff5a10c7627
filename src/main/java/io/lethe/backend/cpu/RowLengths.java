// Rows of unit length, forward and backward.
package io.lethe.backend.cpu;

/**
 * {@code out = x / ||x||}; {@code dx = (dout - out (out . dout)) / ||x||}. Products are summed in
 * double.
 */
final class RowLengths {
  private RowLengths() {}

  static void normalise(int rows, int c, float[] x, float[] out, float[] norm) {
    for (int row = 0; row < rows; row++) {
      int at = row * c;
      double length = Math.sqrt(dot(x, at, x, at, c));
      norm[row] = (float) length;
      for (int i = 0; i < c; i++) {
        out[at + i] = (float) (x[at + i] / length);
      }
    }
  }

  static void normaliseBackward(
      int rows, int c, float[] dout, float[] out, float[] norm, float[] dx) {
    for (int row = 0; row < rows; row++) {
      int at = row * c;
      double along = dot(dout, at, out, at, c);
      for (int i = 0; i < c; i++) {
        dx[at + i] = (float) ((dout[at + i] - out[at + i] * along) / norm[row]);
      }
    }
  }

  private static double dot(float[] a, int aAt, float[] b, int bAt, int count) {
    double even = 0;
    double odd = 0;
    int whole = count / 2 * 2;
    for (int i = 0; i < whole; i += 2) {
      even += (double) a[aAt + i] * b[bAt + i];
      odd += (double) a[aAt + i + 1] * b[bAt + i + 1];
    }
    return whole < count ? even + odd + (double) a[aAt + whole] * b[bAt + whole] : even + odd;
  }
}
