// Bicubic resizing of 8-bit pictures, to the last bit as CLIP's own processing does it.
package io.lethe.diffusion;

/**
 * Keys' cubic with {@code a = -1/2}, widened by the scale when a picture shrinks, so that nothing
 * aliases (Keys 1981; the resampling of the Pillow library, which CLIP was trained behind).
 *
 * <p>Output pixel {@code x} is the weighted sum of the input pixels within two (scaled) pixels of
 * its centre {@code (x + 1/2) * in / out}. Weights are normalised in double, then fixed to 22 bits;
 * columns first, then rows, with rounding to 8 bits between.
 */
public final class BicubicResize {
  private static final int FRACTION_BITS = 22;
  private static final double SUPPORT = 2;
  private static final int CHANNELS = 3;

  /** For each output position: the first input position, and the weights from there on. */
  private record Weights(int[] first, int[][] fixed) {}

  private BicubicResize() {}

  /** The picture in another size; the same picture where it has that size already. */
  public static Picture resize(Picture picture, int width, int height) {
    Picture result = picture;
    if (result.width() != width) {
      Weights weights = weights(result.width(), width);
      byte[] out = new byte[width * result.height() * CHANNELS];
      int line = result.width() * CHANNELS;
      for (int y = 0; y < result.height(); y++) {
        for (int x = 0; x < width; x++) {
          int to = (y * width + x) * CHANNELS;
          sum(result.rgb(), y * line, CHANNELS, weights, x, out, to);
        }
      }
      result = new Picture(width, result.height(), out);
    }
    if (result.height() != height) {
      Weights weights = weights(result.height(), height);
      byte[] out = new byte[width * height * CHANNELS];
      int line = width * CHANNELS;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int to = (y * width + x) * CHANNELS;
          sum(result.rgb(), x * CHANNELS, line, weights, y, out, to);
        }
      }
      result = new Picture(width, height, out);
    }
    return result;
  }

  /** One output pixel: inputs at {@code start + (first + i) * stride}, all three channels. */
  private static void sum(
      byte[] in, int start, int stride, Weights weights, int position, byte[] out, int to) {
    int[] fixed = weights.fixed()[position];
    int from = start + weights.first()[position] * stride;
    for (int channel = 0; channel < CHANNELS; channel++) {
      int sum = 1 << FRACTION_BITS - 1; // one half, to round
      for (int i = 0; i < fixed.length; i++) {
        sum += (in[from + i * stride + channel] & 0xff) * fixed[i];
      }
      out[to + channel] = (byte) Math.clamp(sum >> FRACTION_BITS, 0, 255);
    }
  }

  private static Weights weights(int in, int out) {
    double scale = (double) in / out;
    double widening = Math.max(scale, 1);
    double support = SUPPORT * widening;
    int[] first = new int[out];
    int[][] fixed = new int[out][];
    for (int x = 0; x < out; x++) {
      double centre = (x + 0.5) * scale;
      first[x] = Math.max((int) (centre - support + 0.5), 0);
      int end = Math.min((int) (centre + support + 0.5), in);
      double[] real = new double[end - first[x]];
      double total = 0;
      for (int i = 0; i < real.length; i++) {
        real[i] = cubic((i + first[x] - centre + 0.5) * (1 / widening));
        total += real[i];
      }
      fixed[x] = new int[real.length];
      for (int i = 0; i < real.length; i++) {
        double weight = real[i] / total * (1 << FRACTION_BITS);
        fixed[x][i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
    }
    return new Weights(first, fixed);
  }

  private static double cubic(double x) {
    double a = -0.5;
    double distance = Math.abs(x);
    if (distance < 1) {
      return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
    }
    return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0;
  }
}
