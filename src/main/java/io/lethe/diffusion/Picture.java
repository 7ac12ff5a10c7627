// A finished picture: what a pipeline draws, a judge looks at and a file holds.
package io.lethe.diffusion;

import io.lethe.LetheException;

/**
 * An RGB picture of 8 bits a channel.
 *
 * @param rgb {@code height * width * 3} bytes, row by row from the top, red first; not copied
 */
public record Picture(int width, int height, byte[] rgb) {

  /**
   * @throws LetheException if the bytes do not fill the picture
   */
  public Picture {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new LetheException(
          "a picture of %d x %d takes %d bytes, not %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
  }

  /** One channel, 0 red to 2 blue, of the pixel at column x and row y, 0 to 255. */
  public int channel(int x, int y, int channel) {
    return rgb[(y * width + x) * 3 + channel] & 0xff;
  }
}
