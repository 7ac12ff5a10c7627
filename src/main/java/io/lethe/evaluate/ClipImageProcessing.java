// From a picture to the numbers that CLIP's vision tower takes.
package io.lethe.evaluate;

import io.lethe.UserError;
import io.lethe.diffusion.BicubicResize;
import io.lethe.diffusion.Picture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/**
 * CLIP's image processing by {@code preprocessor_config.json}: resize, centre crop, {@code (x *
 * rescale - mean) / deviation}.
 *
 * @param shortestEdge the shorter side after resizing, the other in proportion; 0 where both sides
 *     are given by {@code height} and {@code width}
 * @param height rows after resizing, where {@code shortestEdge} is 0; 0 as well: no resizing
 * @param width columns after resizing
 * @param cropHeight rows of the result; 0: no crop
 * @param cropWidth columns of the result
 * @param rescale the factor before normalisation, 1/255 as a rule
 * @param mean of each channel
 * @param deviation of each channel
 */
public record ClipImageProcessing(
    int shortestEdge,
    int height,
    int width,
    int cropHeight,
    int cropWidth,
    double rescale,
    double[] mean,
    double[] deviation) {
  private static final double[] CLIP_MEAN = {0.48145466, 0.4578275, 0.40821073};
  private static final double[] CLIP_DEVIATION = {0.26862954, 0.26130258, 0.27577711};
  private static final int BICUBIC = 3;
  private static final int CHANNELS = 3;

  /** CLIP's own settings for a vision tower of this size. */
  public static ClipImageProcessing standard(int size) {
    return new ClipImageProcessing(size, 0, 0, size, size, 1 / 255.0, CLIP_MEAN, CLIP_DEVIATION);
  }

  /**
   * Reads a judge's folder; without a file there, {@link #standard} for the tower's size.
   *
   * @throws UserError naming the file and the key that asks for something else than CLIP does
   */
  public static ClipImageProcessing ofFolder(Path folder, int imageSize) {
    Path file = folder.resolve("preprocessor_config.json");
    if (!Files.exists(file)) {
      return standard(imageSize);
    }
    JsonNode json = JsonTree.read(file);
    if (json.path("resample").asInt(BICUBIC) != BICUBIC) {
      throw JsonTree.error(file, "asks for a resampling that is not bicubic (3)");
    }
    boolean resize = json.path("do_resize").asBoolean(true);
    JsonNode size = json.path("size");
    int shortest = size.isNumber() ? size.asInt() : size.path("shortest_edge").asInt(0);
    int rows = size.path("height").asInt(0);
    int columns = size.path("width").asInt(0);
    if (resize && shortest < 1 && (rows < 1 || columns < 1)) {
      shortest = 224;
    }
    boolean crop = json.path("do_center_crop").asBoolean(true);
    JsonNode box = json.path("crop_size");
    int cropRows = box.isNumber() ? box.asInt() : box.path("height").asInt(224);
    int cropColumns = box.isNumber() ? box.asInt() : box.path("width").asInt(224);
    boolean rescale = json.path("do_rescale").asBoolean(true);
    boolean normalise = json.path("do_normalize").asBoolean(true);
    return new ClipImageProcessing(
        resize ? shortest : 0,
        resize && shortest == 0 ? rows : 0,
        resize && shortest == 0 ? columns : 0,
        crop ? cropRows : 0,
        crop ? cropColumns : 0,
        rescale ? json.path("rescale_factor").asDouble(1 / 255.0) : 1,
        normalise ? reals(file, json, "image_mean", CLIP_MEAN) : new double[CHANNELS],
        normalise ? reals(file, json, "image_std", CLIP_DEVIATION) : new double[] {1, 1, 1});
  }

  private static double[] reals(Path file, JsonNode json, String key, double[] fallback) {
    JsonNode list = json.path(key);
    if (list.isMissingNode() || list.isNull()) {
      return fallback;
    }
    double[] values = new double[CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      values[i] = list.path(i).asDouble(Double.NaN);
      if (!Double.isFinite(values[i]) || list.size() != CHANNELS) {
        throw JsonTree.error(file, "has no three numbers under \"" + key + "\"");
      }
    }
    return values;
  }

  /**
   * The tower's input.
   *
   * @param size the side that the tower takes
   * @return {@code [size * size, 3]}, channels last
   * @throws UserError if these settings give another size
   */
  public float[] pixelValues(Picture picture, int size) {
    Picture cropped = crop(resize(picture));
    if (cropped.width() != size || cropped.height() != size) {
      throw new UserError(
          "the judge's preprocessor_config.json makes pictures of %d x %d; its tower takes %d x %d"
              .formatted(cropped.width(), cropped.height(), size, size));
    }
    byte[] rgb = cropped.rgb();
    float[] values = new float[rgb.length];
    for (int i = 0; i < values.length; i++) {
      int channel = i % CHANNELS;
      values[i] = (float) (((rgb[i] & 0xff) * rescale - mean[channel]) / deviation[channel]);
    }
    return values;
  }

  private Picture resize(Picture picture) {
    if (shortestEdge == 0) {
      return height == 0 ? picture : BicubicResize.resize(picture, width, height);
    }
    boolean upright = picture.width() <= picture.height();
    int shorter = Math.min(picture.width(), picture.height());
    int longer = Math.max(picture.width(), picture.height());
    int scaled = (int) ((long) shortestEdge * longer / (double) shorter);
    return BicubicResize.resize(
        picture, upright ? shortestEdge : scaled, upright ? scaled : shortestEdge);
  }

  /** The middle of the picture; what lies outside it is black. */
  private Picture crop(Picture picture) {
    if (cropHeight == 0 || cropHeight == picture.height() && cropWidth == picture.width()) {
      return picture;
    }
    byte[] out = new byte[cropHeight * cropWidth * CHANNELS];
    int top = Math.floorDiv(picture.height() - cropHeight, 2);
    int left = Math.floorDiv(picture.width() - cropWidth, 2);
    for (int y = Math.max(0, -top); y < Math.min(cropHeight, picture.height() - top); y++) {
      int from = Math.max(0, -left);
      int to = Math.min(cropWidth, picture.width() - left);
      System.arraycopy(
          picture.rgb(),
          ((y + top) * picture.width() + from + left) * CHANNELS,
          out,
          (y * cropWidth + from) * CHANNELS,
          (to - from) * CHANNELS);
    }
    return new Picture(cropWidth, cropHeight, out);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClipImageProcessing that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return "shortest edge %d or %d x %d, crop %d x %d, x * %s, mean %s, deviation %s"
        .formatted(
            shortestEdge,
            height,
            width,
            cropHeight,
            cropWidth,
            rescale,
            Arrays.toString(mean),
            Arrays.toString(deviation));
  }
}
