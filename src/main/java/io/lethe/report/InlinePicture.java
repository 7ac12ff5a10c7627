// A picture within the page itself, small enough that many fit.
package io.lethe.report;

import io.lethe.diffusion.Picture;
import java.util.Base64;
import java.util.Map;

/**
 * An {@code img} element's attributes.
 *
 * @param picture a data URI
 * @param width in pixels
 * @param alt what it shows, in words
 */
record InlinePicture(String picture, int width, int height, String alt) {
  private static final int LARGEST_SIDE = 128;

  /** At most 128 pixels a side; larger ones are averaged down by a whole factor. */
  static InlinePicture thumbnail(Picture picture, String alt) {
    return whole(reduced(picture, LARGEST_SIDE), alt);
  }

  static InlinePicture whole(Picture picture, String alt) {
    String base64 = Base64.getEncoder().encodeToString(PngFile.encode(picture, Map.of()));
    return new InlinePicture(
        "data:image/png;base64," + base64, picture.width(), picture.height(), alt);
  }

  /** Averages blocks of pixels, so that no side is longer than this. */
  static Picture reduced(Picture picture, int longest) {
    int factor = Math.ceilDiv(Math.max(picture.width(), picture.height()), longest);
    if (factor <= 1) {
      return picture;
    }
    int width = Math.max(1, picture.width() / factor);
    int height = Math.max(1, picture.height() / factor);
    byte[] rgb = new byte[3 * width * height];
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < 3; channel++) {
          rgb[at++] = (byte) mean(picture, x * factor, y * factor, factor, channel);
        }
      }
    }
    return new Picture(width, height, rgb);
  }

  private static int mean(Picture picture, int left, int top, int side, int channel) {
    int right = Math.min(left + side, picture.width());
    int bottom = Math.min(top + side, picture.height());
    int sum = 0;
    int count = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        sum += picture.channel(x, y, channel);
        count++;
      }
    }
    return (sum + count / 2) / count;
  }
}
