// The two orders of a picture's elements, and the way between them.
package io.lethe.diffusion;

import io.lethe.LetheException;

/** Checkpoints and random draws have channels first, [N,C,H,W]; all of Lethe has them last. */
public final class Layout {
  private Layout() {}

  /**
   * {@code [n,c,h,w]} to {@code [n,h,w,c]}, as a new array.
   *
   * @throws LetheException if the array has another size
   */
  public static float[] toChannelsLast(float[] source, int n, int c, int h, int w) {
    return transpose(source, n, c, checkedArea(source, n, c, h, w));
  }

  /**
   * {@code [n,h,w,c]} to {@code [n,c,h,w]}, as a new array.
   *
   * @throws LetheException if the array has another size
   */
  public static float[] toChannelsFirst(float[] source, int n, int c, int h, int w) {
    return transpose(source, n, checkedArea(source, n, c, h, w), c);
  }

  private static int checkedArea(float[] source, int n, int c, int h, int w) {
    if ((long) n * c * h * w != source.length) {
      throw new LetheException(
          "%d elements are no [%d, %d, %d, %d]".formatted(source.length, n, c, h, w));
    }
    return h * w;
  }

  /** {@code [n,rows,columns]} to {@code [n,columns,rows]}. */
  private static float[] transpose(float[] source, int n, int rows, int columns) {
    float[] target = new float[source.length];
    for (int item = 0; item < n; item++) {
      int start = item * rows * columns;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          target[start + column * rows + row] = source[start + row * columns + column];
        }
      }
    }
    return target;
  }
}
