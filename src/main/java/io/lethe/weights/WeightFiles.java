// Which files of a component's folder hold its weights.
package io.lethe.weights;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One file, or an index and its shards.
 *
 * @param files the safetensors files, each once
 * @param index the {@code *.safetensors.index.json}, if there is one
 * @param shardOf the file of each tensor by the index; empty without one
 */
record WeightFiles(List<Path> files, Optional<Path> index, Map<String, Path> shardOf) {
  private static final List<String> STEMS = List.of("diffusion_pytorch_model", "model");
  private static final List<String> VARIANTS = List.of("", ".fp16", ".bf16", ".fp32");
  private static final List<String> PICKLES =
      List.of(".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle");
  private static final List<String> OTHER_WEIGHTS =
      List.of(".safetensors", ".msgpack", ".h5", ".onnx", ".pb", ".index.json");

  /**
   * Chooses the weights of a component: full precision before half, one file before shards.
   *
   * @throws UserError if there are none, listing what was looked for
   */
  static WeightFiles choose(Path folder) {
    List<String> lookedFor = new ArrayList<>();
    for (String variant : VARIANTS) {
      for (String stem : STEMS) {
        String single = stem + variant + ".safetensors";
        List<String> indexes =
            variant.isEmpty()
                ? List.of(single + ".index.json")
                : List.of(stem + ".safetensors.index" + variant + ".json", single + ".index.json");
        lookedFor.add(single);
        if (Files.isRegularFile(folder.resolve(single))) {
          return single(folder.resolve(single));
        }
        lookedFor.addAll(indexes);
        for (String index : indexes) {
          if (Files.isRegularFile(folder.resolve(index))) {
            return sharded(folder.resolve(index));
          }
        }
      }
    }
    throw nothingFound(folder, lookedFor);
  }

  /** Exactly this file, whatever its name. */
  static WeightFiles single(Path file) {
    return new WeightFiles(List.of(file), Optional.empty(), Map.of());
  }

  /** Reads an index; its shards are plain names of files that stand beside it. */
  static WeightFiles sharded(Path index) {
    ObjectNode json = JsonFile.read(index);
    if (!(json.get("weight_map") instanceof ObjectNode weightMap)) {
      throw refuse(index, "has no object \"weight_map\"");
    }
    Map<String, Path> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : weightMap.properties()) {
      JsonNode shard = property.getValue();
      if (!shard.isString() || !isPlainName(shard.stringValue())) {
        throw refuse(
            index,
            "names for tensor %s the shard %s; a shard is the name of a .safetensors file in the"
                    .formatted(
                        Printable.quote(property.getKey()), Printable.quote(shard.asString("null")))
                + " same folder");
      }
      Path file = index.resolveSibling(shard.stringValue());
      if (!Files.isRegularFile(file)) {
        throw refuse(
            index,
            "names the shard %s, which is missing".formatted(Printable.quote(file.toString())));
      }
      shardOf.put(property.getKey(), file);
    }
    if (shardOf.isEmpty()) {
      throw refuse(index, "names no tensor");
    }
    return new WeightFiles(
        List.copyOf(new LinkedHashSet<>(shardOf.values())), Optional.of(index), shardOf);
  }

  /** Whether a file of this name holds weights in any format, or lists where they are. */
  static boolean looksLikeWeights(String name) {
    return Stream.concat(PICKLES.stream(), OTHER_WEIGHTS.stream()).anyMatch(name::endsWith)
        || name.matches(".*\\.index\\.[^.]+\\.json");
  }

  private static boolean isPlainName(String name) {
    return name.endsWith(".safetensors")
        && !name.startsWith(".")
        && name.chars().noneMatch(unit -> unit < ' ' || unit == '/' || unit == '\\' || unit == ':');
  }

  private static UserError nothingFound(Path folder, List<String> lookedFor) {
    String place = Printable.quote(folder.toString());
    if (!Files.isDirectory(folder)) {
      return new UserError("there is no folder " + place);
    }
    try (Stream<Path> files = Files.list(folder)) {
      Optional<String> pickle =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> PICKLES.stream().anyMatch(name::endsWith))
              .sorted()
              .findFirst();
      if (pickle.isPresent()) {
        return new UserError(
            "%s holds its weights only as %s, a pickle: opening one can run any program, so Lethe"
                    .formatted(place, Printable.quote(pickle.get()))
                + " never does; save the model as safetensors with the tool that made it");
      }
    } catch (IOException failure) {
      return Failure.reading(folder, failure);
    }
    return new UserError(
        "there are no weights in " + place + "; looked for " + String.join(", ", lookedFor));
  }

  private static UserError refuse(Path index, String reason) {
    return new UserError(Printable.quote(index.toString()) + " " + reason);
  }
}
