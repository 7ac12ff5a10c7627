// The options that say which pictures are drawn and how they are judged.
package io.lethe.cli;

import io.lethe.api.EvaluationSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/** What {@code evaluate} and {@code compare} have in common, so that one repeats the other. */
final class ProtocolOptions {
  @Option(
      names = "--judge",
      paramLabel = "DIR",
      description = "A CLIP model folder. Default: the bundled emoji-clip.")
  private Path judge;

  @Option(
      names = "--kept",
      paramLabel = "TEXT",
      description = "A concept that should stay; repeatable. Default: all that the model draws.")
  private List<String> kept = new ArrayList<>();

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "What the judge ranks among: one name a line, or a concepts.json. Default: the judge's"
              + " own concepts.json.")
  private Path labels;

  @Option(
      names = "--templates",
      paramLabel = "FILE",
      description = "Prompt forms, one a line, with {} where the name goes.")
  private Path templates;

  @Option(
      names = "--images",
      paramLabel = "N",
      defaultValue = "32",
      description = "Pictures of each erased concept (default: ${DEFAULT-VALUE}).")
  private int images;

  @Option(
      names = "--kept-images",
      paramLabel = "N",
      defaultValue = "2",
      description = "Pictures of each kept concept (default: ${DEFAULT-VALUE}).")
  private int keptImages;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "25",
      description = "Steps of the sampler that draws them (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(names = "--guidance", paramLabel = "G", description = "Default: what suits the base.")
  private Double guidance;

  @Option(names = "--scheduler", paramLabel = "NAME", description = "Default: the base's own.")
  private String scheduler;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description = "Default: what the base was trained on.")
  private PictureSize size;

  /** The mistakes that show before anything is loaded. */
  void check() {
    kept.forEach(name -> OptionChecks.notBlank("--kept", name));
    OptionChecks.between("--steps", steps, 1, 1000);
  }

  Path judge() {
    Path folder = judge == null ? BundledModels.judge() : judge;
    OptionChecks.judge("--judge", folder);
    return folder;
  }

  /** Each name once; none for all that the model draws. */
  List<String> kept() {
    return List.copyOf(new LinkedHashSet<>(kept));
  }

  /**
   * @param keptNames in place of {@link #kept()}, or that
   * @param vocabulary the words that the eraser could use
   * @param seed the first of the pictures
   */
  EvaluationSettings settings(List<String> keptNames, Optional<Path> vocabulary, long seed) {
    return new EvaluationSettings(
        keptNames,
        Optional.ofNullable(labels).map(file -> OptionChecks.file("--labels", file)),
        Optional.ofNullable(templates).map(file -> OptionChecks.file("--templates", file)),
        vocabulary,
        images,
        keptImages,
        seed,
        steps,
        guidance == null ? OptionalDouble.empty() : OptionalDouble.of(guidance),
        Optional.ofNullable(scheduler),
        size == null ? 0 : size.width(),
        size == null ? 0 : size.height());
  }
}
