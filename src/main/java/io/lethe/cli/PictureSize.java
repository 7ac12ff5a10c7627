// A size as it is written on the command line: 512x512.
package io.lethe.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Width and height in pixels. */
record PictureSize(int width, int height) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:[xX](\\d{1,5}))?");
  private static final int LARGEST = 4096;

  @Override
  public String toString() {
    return width + "x" + height;
  }

  /** Reads {@code 640x512}, or {@code 512} for a square. */
  static final class Converter implements ITypeConverter<PictureSize> {
    @Override
    public PictureSize convert(String text) {
      Matcher matcher = FORM.matcher(text.strip());
      if (!matcher.matches()) {
        throw new TypeConversionException("a size is width x height in pixels, such as 512x512");
      }
      int width = Integer.parseInt(matcher.group(1));
      int height = matcher.group(2) == null ? width : Integer.parseInt(matcher.group(2));
      if (width < 8 || height < 8 || width > LARGEST || height > LARGEST) {
        throw new TypeConversionException("sides are 8 to " + LARGEST + " pixels");
      }
      return new PictureSize(width, height);
    }
  }
}
