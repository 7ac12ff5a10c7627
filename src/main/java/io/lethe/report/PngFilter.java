// The line filters of PNG, which make pixels easier to compress.
package io.lethe.report;

import io.lethe.diffusion.Picture;

/**
 * Replaces each byte by its difference from a prediction: 0 none, 1 the byte to the left, 2 the one
 * above, 3 the mean of both, 4 that of left, above and above-left which is nearest to {@code left +
 * above - aboveLeft} (Paeth).
 *
 * <p>Each line takes the filter with the smallest sum of absolute differences, the heuristic that
 * the PNG specification advises.
 */
final class PngFilter {
  private static final int FILTERS = 5;
  private static final int PIXEL = 3;

  private PngFilter() {}

  /** One byte for the filter and the filtered bytes, line after line. */
  static byte[] filtered(Picture picture) {
    int line = picture.width() * PIXEL;
    byte[] out = new byte[picture.height() * (line + 1)];
    byte[] above = new byte[line];
    byte[] here = new byte[line];
    byte[] best = new byte[line];
    byte[] candidate = new byte[line];
    for (int y = 0; y < picture.height(); y++) {
      System.arraycopy(picture.rgb(), y * line, here, 0, line);
      int chosen = 0;
      long least = Long.MAX_VALUE;
      for (int filter = 0; filter < FILTERS; filter++) {
        long sum = filter(filter, here, above, candidate);
        if (sum < least) {
          least = sum;
          chosen = filter;
          byte[] swap = best;
          best = candidate;
          candidate = swap;
        }
      }
      out[y * (line + 1)] = (byte) chosen;
      System.arraycopy(best, 0, out, y * (line + 1) + 1, line);
      byte[] swap = above;
      above = here;
      here = swap;
    }
    return out;
  }

  private static long filter(int filter, byte[] here, byte[] above, byte[] out) {
    long sum = 0;
    for (int i = 0; i < here.length; i++) {
      int left = i < PIXEL ? 0 : here[i - PIXEL] & 0xff;
      int up = above[i] & 0xff;
      int upLeft = i < PIXEL ? 0 : above[i - PIXEL] & 0xff;
      int predicted =
          switch (filter) {
            case 0 -> 0;
            case 1 -> left;
            case 2 -> up;
            case 3 -> (left + up) / 2;
            default -> paeth(left, up, upLeft);
          };
      out[i] = (byte) (here[i] - predicted);
      sum += Math.abs(out[i]);
    }
    return sum;
  }

  private static int paeth(int left, int up, int upLeft) {
    int estimate = left + up - upLeft;
    int toLeft = Math.abs(estimate - left);
    int toUp = Math.abs(estimate - up);
    int toUpLeft = Math.abs(estimate - upLeft);
    if (toLeft <= toUp && toLeft <= toUpLeft) {
      return left;
    }
    return toUp <= toUpLeft ? up : upLeft;
  }
}
