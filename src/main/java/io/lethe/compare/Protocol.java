// The evaluation that every cell of a grid is put to, as it stands in the files.
package io.lethe.compare;

import io.lethe.UserError;
import io.lethe.api.EvaluationSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Settings of {@link EvaluationSettings} in types that JSON has; null where the default holds.
 *
 * @param kept names that should stay, of which each cell leaves out its own concept; empty for all
 *     that the model draws
 */
public record Protocol(
    List<String> kept,
    String labels,
    String forms,
    String vocabulary,
    int images,
    int keptImages,
    long seed,
    int steps,
    Double guidance,
    String scheduler,
    int width,
    int height) {

  /** The settings as files hold them; paths become absolute. */
  public static Protocol of(EvaluationSettings settings) {
    return new Protocol(
        settings.kept(),
        absolute(settings.labels()),
        absolute(settings.forms()),
        absolute(settings.vocabulary()),
        settings.images(),
        settings.keptImages(),
        settings.seed(),
        settings.steps(),
        settings.guidance().isPresent() ? settings.guidance().getAsDouble() : null,
        settings.scheduler().orElse(null),
        settings.width(),
        settings.height());
  }

  /** The settings for a cell that erases this concept; "" for none. */
  EvaluationSettings settings(String concept) {
    List<String> others = kept.stream().filter(name -> !name.equals(concept)).toList();
    if (others.isEmpty() && !kept.isEmpty()) {
      throw new UserError(concept + " is the only kept name, and is erased");
    }
    return new EvaluationSettings(
        others,
        Optional.ofNullable(labels).map(Path::of),
        Optional.ofNullable(forms).map(Path::of),
        Optional.ofNullable(vocabulary).map(Path::of),
        images,
        keptImages,
        seed,
        steps,
        guidance == null ? OptionalDouble.empty() : OptionalDouble.of(guidance),
        Optional.ofNullable(scheduler),
        width,
        height);
  }

  private static String absolute(Optional<Path> file) {
    return file.map(path -> path.toAbsolutePath().normalize().toString()).orElse(null);
  }
}
