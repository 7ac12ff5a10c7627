// A folder of pictures that the user brings.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.report.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Its PNG and JPEG files, in the order of their names. */
final class PictureFolder {
  private PictureFolder() {}

  /**
   * @throws UserError naming the option, if there is no picture or one cannot be read
   */
  static List<Picture> read(String option, Path folder) {
    List<Path> files;
    try (Stream<Path> listing = Files.list(folder)) {
      files = listing.filter(PictureFolder::isPicture).sorted().toList();
    } catch (IOException unreadable) {
      throw new UserError(option + ": cannot list " + OptionChecks.quote(folder), unreadable);
    }
    if (files.isEmpty()) {
      throw new UserError(option + ": no .png, .jpg or .jpeg in " + OptionChecks.quote(folder));
    }
    return files.stream().map(PictureReader::read).toList();
  }

  private static boolean isPicture(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }
}
