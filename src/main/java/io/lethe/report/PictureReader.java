// Reads pictures that people bring: PNG, JPEG, and whatever else the JDK has a reader for.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.weights.Printable;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes one file to RGB; what is transparent is laid over white.
 *
 * <p>The size is checked before any pixel is decoded, so that a small hostile file cannot claim all
 * memory.
 */
public final class PictureReader {
  /** The most pixels a picture may have. */
  static final long MOST_PIXELS = 64_000_000;

  static {
    System.setProperty("java.awt.headless", "true");
    ImageIO.setUseCache(false);
  }

  private PictureReader() {}

  /**
   * @throws UserError if the file is missing, damaged, too large or of a format nobody reads
   */
  public static Picture read(Path file) {
    String name = Printable.quote(file.toString());
    if (!Files.isRegularFile(file)) {
      throw new UserError("there is no picture file " + name);
    }
    try (ImageInputStream stream = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
      if (!readers.hasNext()) {
        throw new UserError(
            name + " is no picture of a format that can be read here; PNG and JPEG can");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(stream, true, true);
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width * height > MOST_PIXELS) {
          throw new UserError(
              "%s has %d x %d pixels, more than %d million; scale it down first"
                  .formatted(name, width, height, MOST_PIXELS / 1_000_000));
        }
        return convert(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException failure) {
      throw new UserError("cannot read the picture " + name + ": " + failure.getMessage(), failure);
    }
  }

  static Picture convert(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] rgb = new byte[width * height * 3];
    if (isGray(image)) {
      // The JDK would take gray values for linear light; files mean them as they stand.
      Raster raster = image.getRaster();
      int bits = image.getColorModel().getComponentSize(0);
      int most = (1 << bits) - 1;
      boolean alpha = raster.getNumBands() == 2;
      for (int i = 0; i < width * height; i++) {
        int gray = raster.getSample(i % width, i / width, 0) * 255 / most;
        int opacity = alpha ? raster.getSample(i % width, i / width, 1) * 255 / most : 255;
        Arrays.fill(rgb, 3 * i, 3 * i + 3, overWhite(gray, opacity));
      }
      return new Picture(width, height, rgb);
    }
    int[] line = new int[width];
    for (int y = 0, at = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, line, 0, width);
      for (int argb : line) {
        rgb[at++] = overWhite(argb >>> 16 & 0xff, argb >>> 24);
        rgb[at++] = overWhite(argb >>> 8 & 0xff, argb >>> 24);
        rgb[at++] = overWhite(argb & 0xff, argb >>> 24);
      }
    }
    return new Picture(width, height, rgb);
  }

  private static boolean isGray(BufferedImage image) {
    return image.getRaster().getNumBands() <= 2
        && !(image.getColorModel() instanceof IndexColorModel);
  }

  private static byte overWhite(int value, int opacity) {
    return (byte) ((value * opacity + 255 * (255 - opacity) + 127) / 255);
  }
}
