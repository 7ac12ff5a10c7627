// Checks of what was given on the command line, before any work begins.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Each check returns the value or raises an error that names the option. */
final class OptionChecks {
  private OptionChecks() {}

  static int between(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new UserError("%s is %d, not between %d and %d".formatted(option, value, least, most));
    }
    return value;
  }

  static double between(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new UserError("%s is %s, not between %s and %s".formatted(option, value, least, most));
    }
    return value;
  }

  static long seed(String option, long value) {
    if (value < 0) {
      throw new UserError(option + " is " + value + "; seeds start at 0");
    }
    return value;
  }

  static String notBlank(String option, String text) {
    if (text.isBlank()) {
      throw new UserError(option + " is blank; it takes some words");
    }
    return text;
  }

  /** A file that must be there. */
  static Path file(String option, Path path) {
    if (!Files.isRegularFile(path)) {
      throw new UserError(
          Files.isDirectory(path)
              ? option + " " + quote(path) + " is a folder, and a file is needed"
              : option + ": there is no file " + quote(path));
    }
    return path;
  }

  /** A model folder that must be there. */
  static Path model(String option, Path path) {
    if (!Files.exists(path)) {
      throw new UserError(
          "%s: there is no folder %s; a model is a folder with model_index.json, as diffusers saves"
                  .formatted(option, quote(path))
              + " it and as the model sites offer it (unet, vae, text_encoder, tokenizer,"
              + " scheduler)");
    }
    return path;
  }

  /** A judge's folder that must be there. */
  static Path judge(String option, Path path) {
    if (!Files.exists(path)) {
      throw new UserError(
          "%s: there is no folder %s; a judge is the folder of a CLIP model (config.json, weights,"
                  .formatted(option, quote(path))
              + " vocab.json, merges.txt, preprocessor_config.json)");
    }
    return path;
  }

  /**
   * A place for a new file or folder: nothing may stand there, and it must be possible to write.
   */
  static Path newPlace(String option, Path path) {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new UserError(
          "%s %s exists already; name another place, or remove it first"
              .formatted(option, quote(path)));
    }
    writableAbove(option, path);
    return path;
  }

  /** The nearest folder that exists above a place must be one that can be written to. */
  static void writableAbove(String option, Path path) {
    Path above = path.toAbsolutePath().normalize().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above == null || !Files.isDirectory(above)) {
      throw new UserError(
          "%s %s cannot be made: %s is not a folder".formatted(option, quote(path), above));
    }
    if (!Files.isWritable(above)) {
      throw new UserError(
          "%s %s cannot be made: the folder %s may not be written to"
              .formatted(option, quote(path), quote(above)));
    }
  }

  static String quote(Path path) {
    return Printable.quote(path.toString());
  }
}
