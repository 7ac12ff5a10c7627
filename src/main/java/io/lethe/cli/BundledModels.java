// Where the models are that come with Lethe.
package io.lethe.cli;

import io.lethe.UserError;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files beside the program, since an entry of a jar cannot be mapped. */
final class BundledModels {
  private static final String PLACE = "src/main/models";

  private BundledModels() {}

  /** The model that draws. */
  static Path model() {
    return home().resolve(PLACE).resolve("emoji-sd");
  }

  /** The model that judges what was drawn. */
  static Path judge() {
    return home().resolve(PLACE).resolve("emoji-clip");
  }

  /** Whether this folder is the bundled model. */
  static boolean isModel(Path folder) {
    return folder.toAbsolutePath().normalize().equals(model().toAbsolutePath().normalize());
  }

  /** The launcher names the folder; without it the folders above the program are searched. */
  private static Path home() {
    String named = System.getProperty("lethe.home");
    if (named != null) {
      return Path.of(named);
    }
    try {
      Path above = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      while (above != null && !Files.isDirectory(above.resolve(PLACE))) {
        above = above.getParent();
      }
      if (above != null) {
        return above;
      }
    } catch (URISyntaxException | SecurityException nowhere) {
      // The message below says what to do.
    }
    throw new UserError(
        "the bundled models are not beside the program; start it with the script lethe, or name"
            + " --model and --judge");
  }
}
