// lethe generate: a prompt becomes a picture, or several.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.api.Generation;
import io.lethe.api.Lethe;
import io.lethe.diffusion.GenerationRequest;
import io.lethe.diffusion.SamplerKind;
import io.lethe.report.PngFile;
import io.lethe.text.Encoding;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Draws pictures; the same seed gives the same picture as in diffusers with a CPU generator. */
@Command(
    name = "generate",
    header = "Draws pictures of a prompt.",
    description = {
      "%nThe same model, prompt and seed give the same picture every time, on any machine, and the"
          + " one that diffusers draws with a CPU generator of that seed. Each PNG records the"
          + " prompt, the seed, the settings and the model's hash in its text chunks; 'lethe"
          + " inspect FILE.png' shows them. Size, scheduler and guidance default to what suits the"
          + " model.%n"
    },
    footer = {
      "  lethe generate --prompt \"an emoji of an owl\" --out owl.png",
      "  lethe generate --prompt \"a castle\" --count 8 --seed 100 --out castles",
      "  lethe generate --model stable-diffusion-v1-4 --prompt \"a red boat\" \\",
      "      --negative rain --size 512x512 --scheduler dpmpp2m-karras --out boat.png"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final int MOST_PICTURES = 100_000;

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Model folder in the diffusers layout. Default: the bundled emoji-sd.")
  private Path model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      required = true,
      description = "What the picture shows.")
  private String prompt;

  @Option(
      names = "--negative",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What to lead the picture away from.")
  private String negative;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "Draw N pictures, with the seeds SEED to SEED+N-1.")
  private int count;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "25",
      description = "Steps of the sampler (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--guidance",
      paramLabel = "G",
      description = "How strongly the prompt pulls; at 1 or less the prompt alone is followed.")
  private Double guidance;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Where the noise starts from (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--scheduler",
      paramLabel = "NAME",
      description =
          "ddim, ddpm, pndm, lms, euler, euler-a, dpmpp2m, dpmpp2m-karras, or diffusers' class"
              + " name. Default: the model folder's own.")
  private String scheduler;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description = "Size in pixels. Default: what the model was trained on.")
  private PictureSize size;

  @Option(
      names = "--out",
      paramLabel = "FILE.png|DIR",
      required = true,
      description = "A new PNG file, or a folder for PROMPT-SEED.png. Nothing is overwritten.")
  private Path out;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::draw);
  }

  private int draw() {
    checkOptions();
    List<Path> files = files();
    Path folder = model == null ? BundledModels.model() : model;
    OptionChecks.model("--model", folder);
    long start = System.nanoTime();
    try (Lethe lethe = Lethe.open(folder, main.threads());
        Progress progress = Progress.to(err())) {
      Generation generation = generation(lethe.progress(progress));
      reportCut(generation, "--prompt", prompt);
      reportCut(generation, "--negative", negative);
      generation.each(drawn -> {
        Path file = files.get((int) (drawn.seed() - seed));
        createParent(file);
        main.interruption()
            .whileWriting(() -> PngFile.write(file, drawn.picture(), drawn.properties()));
      });
      report(files, generation.settings(), lethe.hash(), (System.nanoTime() - start) / 1e9);
    }
    return 0;
  }

  private Generation generation(Lethe lethe) {
    Generation generation =
        lethe.generate(prompt).negative(negative).count(count).seed(seed).steps(steps);
    if (guidance != null) {
      generation.guidance(guidance);
    }
    if (scheduler != null) {
      generation.scheduler(scheduler);
    }
    if (size != null) {
      generation.size(size.width(), size.height());
    }
    return generation;
  }

  private void checkOptions() {
    OptionChecks.notBlank("--prompt", prompt);
    OptionChecks.between("--count", count, 1, MOST_PICTURES);
    OptionChecks.between("--steps", steps, 1, 1000);
    OptionChecks.seed("--seed", seed);
    if (guidance != null) {
      OptionChecks.between("--guidance", guidance, -100, 100);
    }
    if (scheduler != null && !scheduler.toLowerCase(Locale.ROOT).endsWith("-karras")) {
      SamplerKind.named(scheduler);
    }
  }

  private boolean isSingleFile() {
    return out.toString().toLowerCase(Locale.ROOT).endsWith(".png") && !Files.isDirectory(out);
  }

  /** Where each picture goes; none of them is there yet. */
  private List<Path> files() {
    if (isSingleFile()) {
      if (count > 1) {
        throw new UserError(
            "--count " + count + " needs a folder: name one with --out, without .png at its end");
      }
      return List.of(OptionChecks.newPlace("--out", out));
    }
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UserError(
          "--out %s is a file whose name does not end in .png; name a new file or a folder"
              .formatted(OptionChecks.quote(out)));
    }
    String slug = slug(prompt);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(OptionChecks.newPlace("--out", out.resolve(slug + "-" + (seed + i) + ".png")));
    }
    return files;
  }

  /** A file name of a prompt: its letters and digits, with hyphens between. */
  static String slug(String text) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String trimmed = plain.replaceAll("^-|-$", "");
    String cut = trimmed.length() > 48 ? trimmed.substring(0, 48).replaceAll("-$", "") : trimmed;
    return cut.isEmpty() ? "picture" : cut;
  }

  private void reportCut(Generation generation, String option, String text) {
    Encoding encoding = generation.encode(text);
    if (encoding.isCut()) {
      err()
          .printf(
              "lethe: %s is longer than the model's %d tokens; cut off: %s%n",
              option, encoding.ids().length, String.join(" ", encoding.cutWords()));
      err().flush();
    }
  }

  private static void createParent(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
    } catch (IOException failure) {
      throw new UserError(
          "--out: cannot make the folder of " + OptionChecks.quote(file) + ": " + failure, failure);
    }
  }

  private void report(List<Path> files, GenerationRequest settings, String hash, double seconds) {
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      ArrayNode pictures = json.putArray("pictures");
      for (int i = 0; i < files.size(); i++) {
        pictures.addObject().put("file", files.get(i).toString()).put("seed", seed + i);
      }
      json.put("prompt", prompt)
          .put("negative", negative)
          .put("sampler", settings.scheduler())
          .put("steps", steps)
          .put("guidance", settings.guidance())
          .put("width", settings.width())
          .put("height", settings.height())
          .put("model_hash", hash);
      json.putObject("measured").put("seconds", seconds);
      stdout.println(json.toPrettyString());
    } else {
      files.forEach(stdout::println);
    }
    stdout.flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
