// lethe apply: folds a small edit file into a model, or takes it out again.
package io.lethe.cli;

import io.lethe.UserError;
import io.lethe.backend.cpu.Cpu;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EditFile;
import io.lethe.erase.closed.EditInverse;
import io.lethe.erase.closed.EditedProjections;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.RightFactor;
import io.lethe.weights.Checkpoint;
import io.lethe.weights.ContentHash;
import io.lethe.weights.ModelFolder;
import io.lethe.weights.ModelFolderWriter;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Edits the keys and values of cross-attention of any checkpoint with the same text encoder. */
@Command(
    name = "apply",
    header = "Folds the edit of a closed-form erasure into a model, or takes it out again.",
    description = {
      "%nlethe erase with a closed-form method writes edit.safetensors: two thin matrices that"
          + " change what the keys and values of cross-attention make of the text. They fit every"
          + " model with the same text encoder, so fine-tuned ones too.%n",
      "Several edits are applied one after the other: W (I + M1)(I + M2).%n"
    },
    footer = {
      "  lethe apply out/uce-lion-1/edit.safetensors --model my-model --out my-model-without-lions",
      "  lethe apply lion.safetensors --compose taxi.safetensors --model my-model --out both-gone",
      "  lethe apply lion.safetensors --model my-model-without-lions --out again --take-back"
    })
final class ApplyCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EDIT", description = "The small file of a closed-form erasure.")
  private Path edit;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "The model to edit, a diffusers folder; it is not changed.")
  private Path model;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "A new folder for the result.")
  private Path out;

  @Option(
      names = "--compose",
      paramLabel = "EDIT",
      description = "Another edit to apply after it; repeatable.")
  private List<Path> compose = new ArrayList<>();

  @Option(
      names = "--take-back",
      description = "The model has these edits already, in this order: undo them.")
  private boolean takeBack;

  @Override
  public Integer call() {
    return ErrorLine.guarding(this::apply);
  }

  private int apply() {
    OptionChecks.model("--model", model);
    OptionChecks.newPlace("--out", out);
    List<Path> paths = new ArrayList<>(List.of(edit));
    paths.addAll(compose);
    List<EditFile> edits = new ArrayList<>();
    for (Path path : paths) {
      edits.add(EditFile.read(OptionChecks.file("EDIT", path)));
    }
    try (Arena arena = Arena.ofShared();
        Cpu cpu = Compute.cpu(main)) {
      ModelFolder folder = ModelFolder.open(model, arena);
      folder.require("unet", "UNet2DConditionModel");
      folder.require("text_encoder", "CLIPTextModel");
      Checkpoint unet = folder.weights("unet");
      unet.requireFinite();
      Projections projections = Projections.of(unet, cpu.parallel(), false);
      String textEncoder = ContentHash.ofTensors(folder.weights("text_encoder").tensors().values());
      CrossAttentionEdit whole = null;
      for (int i = 0; i < edits.size(); i++) {
        requireFitting(paths.get(i), edits.get(i), projections, textEncoder);
        CrossAttentionEdit next = edits.get(i).edit();
        whole = whole == null ? next : whole.compose(next, projections.products());
      }
      CrossAttentionEdit change =
          takeBack ? EditInverse.of(whole, projections, named(paths)) : whole;
      Map<String, float[]> weights = new EditedProjections(projections, change).weights();
      ModelFolderWriter.Written written =
          ModelFolderWriter.write(folder, out, Map.of("unet", weights), Optional.empty());
      report(edits, projections, arena, written);
    }
    return 0;
  }

  private static String named(List<Path> paths) {
    return String.join(" then ", paths.stream().map(OptionChecks::quote).toList());
  }

  private void requireFitting(
      Path path, EditFile file, Projections projections, String textEncoder) {
    if (!file.textEncoder().equals(textEncoder)) {
      throw new UserError(
          "%s is made for another text encoder than that of %s (%s, not %s)"
              .formatted(
                  OptionChecks.quote(path),
                  OptionChecks.quote(model),
                  file.textEncoder().substring(0, 12),
                  textEncoder.substring(0, 12)));
    }
    List<String> names = projections.names();
    for (Map.Entry<String, RightFactor> entry : file.edit().factors().entrySet()) {
      if (!names.contains(entry.getKey())) {
        throw new UserError(
            "%s edits %s, which %s does not have"
                .formatted(OptionChecks.quote(path), entry.getKey(), OptionChecks.quote(model)));
      }
      if (entry.getValue().width() != projections.width()) {
        throw new UserError(
            "%s edits embeddings of %d numbers, and those of %s have %d"
                .formatted(
                    OptionChecks.quote(path),
                    entry.getValue().width(),
                    OptionChecks.quote(model),
                    projections.width()));
      }
    }
  }

  /** Says what was done, and whether a base came back to the bit. */
  private void report(
      List<EditFile> edits, Projections before, Arena arena, ModelFolderWriter.Written written) {
    String hashBefore = hash(before);
    ModelFolder folder = ModelFolder.open(out, arena);
    String hashAfter = hash(Projections.of(folder.weights("unet"), before.threads(), false));
    String base = edits.getFirst().base();
    List<String> concepts = new ArrayList<>();
    edits.forEach(file -> concepts.addAll(file.concepts()));
    String sentence =
        takeBack
            ? hashAfter.equals(base)
                ? "the projections are those of the base again, in F16 to the bit"
                : "the projections are those of the base but for rounding"
            : hashBefore.equals(base)
                ? "folded into the base that it was made on"
                : "folded into another checkpoint with the same text encoder";
    PrintWriter stdout = spec.commandLine().getOut();
    if (main.json()) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("out", out.toString());
      json.put("taken_back", takeBack);
      json.put("made_on_this_base", hashBefore.equals(base));
      json.put("base_again", takeBack && hashAfter.equals(base));
      json.put("rounding_share_of_change", written.rounding().share());
      concepts.forEach(json.withArray("concepts")::add);
      stdout.println(json.toPrettyString());
    } else {
      stdout.println(String.join(", ", concepts) + ": " + sentence);
      written.leftOut().forEach((file, why) -> stdout.println("  left out " + file + ": " + why));
      stdout.println("written to " + out);
    }
    stdout.flush();
  }

  private static String hash(Projections projections) {
    return ContentHash.ofTensors(
        projections.list().stream().map(Projections.Projection::weight).toList());
  }
}
