// lethe inspect: what a model folder, a weight file or a picture holds.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.report.Amounts;
import io.lethe.report.PngFile;
import io.lethe.tensor.DType;
import io.lethe.weights.Checkpoint;
import io.lethe.weights.ContentHash;
import io.lethe.weights.ModelFolder;
import io.lethe.weights.Printable;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.TensorView;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Shows architecture, tensors, parameter counts by group, types and hashes. */
@Command(
    name = "inspect",
    header = "Shows what a model folder, a weight file or a picture holds.",
    description = {
      "%nFor a model folder: its components, how many parameters each has and in which parts, the"
          + " types on disk, and the hash that other commands record. For a .safetensors file: the"
          + " same for its tensors, and its metadata. For a PNG that Lethe drew: how it was"
          + " made.%n"
    },
    footer = {
      "  lethe inspect src/main/models/emoji-sd",
      "  lethe inspect model.safetensors --tensors",
      "  lethe inspect stable-diffusion-v1-4 --verify"
    })
final class InspectCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "A model folder, a component's folder, a .safetensors file or a .png file.")
  private Path path;

  @Option(names = "--tensors", description = "List every tensor.")
  private boolean listTensors;

  @Option(
      names = "--verify",
      description = "Read everything: structure, shapes against the configs, NaN and infinities.")
  private boolean verify;

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final StringBuilder text = new StringBuilder();

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::inspect);
  }

  private int inspect() {
    if (!Files.exists(path)) {
      throw new UserError("there is no file or folder " + OptionChecks.quote(path));
    }
    try (Arena arena = Arena.ofShared()) {
      if (Files.isDirectory(path)) {
        inspectFolder(arena);
      } else if (path.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
        inspectPicture();
      } else {
        inspectFile(arena);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(main.json() ? json.toPrettyString() + System.lineSeparator() : text);
    out.flush();
    return 0;
  }

  private void inspectPicture() {
    Map<String, String> properties = PngFile.properties(path);
    json.put("file", path.toString());
    ObjectNode object = json.putObject("properties");
    properties.forEach(object::put);
    line("%s: %d properties".formatted(Printable.quote(path.toString()), properties.size()));
    properties.forEach(
        (key, value) -> line("  %-12s %s".formatted(printable(key), printable(value))));
  }

  /** Without the quotes, which are noise where a column holds nothing else. */
  private static String printable(String text) {
    String quoted = Printable.quote(text);
    return quoted.substring(1, quoted.length() - (quoted.endsWith("\"") ? 1 : 0));
  }

  private void inspectFile(Arena arena) {
    SafeTensorsFile file = SafeTensorsFile.open(path, arena);
    String hash = ContentHash.of(path);
    json.put("file", path.toString()).put("sha256", hash);
    ObjectNode metadata = json.putObject("metadata");
    file.metadata().forEach(metadata::put);
    line("%s".formatted(Printable.quote(path.toString())));
    line("  sha256 %s".formatted(hash));
    file.metadata()
        .forEach((key, value) -> line("  %s: %s".formatted(printable(key), printable(value))));
    if (verify) {
      requireFinite(file.tensors().values());
    }
    show(file.tensors().values(), json);
    verified();
  }

  private static void requireFinite(Collection<TensorView> views) {
    for (TensorView view : views) {
      long index = view.dtype().isFloat() ? view.firstNotFinite() : -1;
      if (index >= 0) {
        throw new UserError(
            "%s, tensor %s, byte %d: holds a NaN or an infinity at index %d"
                .formatted(
                    Printable.quote(view.file().toString()),
                    Printable.quote(view.name()),
                    view.offset() + index * view.dtype().bytes(),
                    index));
      }
    }
  }

  private void inspectFolder(Arena arena) {
    ModelFolder folder = ModelFolder.open(path, arena);
    String hash = folder.hash();
    json.put("folder", path.toString()).put("class", folder.className()).put("hash", hash);
    ObjectNode components = json.putObject("components");
    line("%s: %s".formatted(Printable.quote(path.toString()), printable(folder.className())));
    line("  hash %s".formatted(hash));
    folder
        .components()
        .forEach((name, className) -> {
          ObjectNode component = components.putObject(name).put("class", className);
          line("\n%s: %s".formatted(name, printable(className)));
          if (folder.weightedComponents().contains(name)) {
            Checkpoint weights = folder.weights(name);
            component.put("files", weights.files().size());
            show(weights.tensors().values(), component);
          }
        });
    if (verify) {
      for (String component : folder.weightedComponents()) {
        folder.weights(component).requireFinite();
        for (String unused : Components.build(folder, component)) {
          line("  note: %s".formatted(unused));
        }
      }
    }
    verified();
  }

  private void verified() {
    json.put("verified", verify);
    if (verify) {
      line("\nverified: the structure is sound, and every number is finite");
    }
  }

  private void show(Collection<TensorView> views, ObjectNode target) {
    Inspection inspection = Inspection.of(views);
    inspection.putInto(target);
    line(
        "  %s parameters in %d tensors, %s, %s"
            .formatted(
                Amounts.count(inspection.parameters()),
                inspection.tensors(),
                inspection.types(),
                Amounts.bytes(inspection.bytes())));
    inspection
        .groups()
        .forEach((name, group) ->
            line(
                "    %-34s %15s in %4d"
                    .formatted(name, Amounts.count(group.parameters()), group.tensors())));
    if (listTensors) {
      Inspection.putTensors(target.putArray("tensor_list"), views);
      for (TensorView view : views) {
        DType dtype = view.dtype();
        line("    %-8s %-22s %s".formatted(dtype, view.shape(), printable(view.name())));
      }
    }
  }

  private void line(String line) {
    text.append(line).append(System.lineSeparator());
  }
}
