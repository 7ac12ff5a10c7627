// A model as a folder: what it consists of, and where.
package io.lethe.weights;

import io.lethe.UserError;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder in the diffusers layout (model_index.json, a subfolder for each component), or the
 * folder of one component alone (config.json and weights), such as a CLIP model.
 *
 * <p>Configs and weights are opened when they are first asked for, and once.
 */
public final class ModelFolder {
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "added_tokens.json",
          "merges.txt",
          "special_tokens_map.json",
          "tokenizer_config.json",
          "vocab.json");

  private final Path path;
  private final Arena arena;
  private final String className;
  private final boolean pipeline;
  private final Map<String, String> classNames;
  private final Map<String, ComponentConfig> configs = new LinkedHashMap<>();
  private final Map<String, Checkpoint> checkpoints = new LinkedHashMap<>();

  private ModelFolder(
      Path path, Arena arena, String className, boolean pipeline, Map<String, String> classNames) {
    this.path = path;
    this.arena = arena;
    this.className = className;
    this.pipeline = pipeline;
    this.classNames = Collections.unmodifiableMap(classNames);
  }

  /**
   * Finds out what the folder holds; opens no weights yet.
   *
   * @param arena owns the mappings of the weights
   * @throws UserError if there is no such folder, or no model in it
   */
  public static ModelFolder open(Path path, Arena arena) {
    String name = Printable.quote(path.toString());
    if (Files.isRegularFile(path)) {
      throw new UserError(
          name + " is a file; a model is a folder with model_index.json (the diffusers layout)");
    }
    if (!Files.isDirectory(path)) {
      throw new UserError("there is no folder " + name);
    }
    Path index = path.resolve("model_index.json");
    if (Files.exists(index)) {
      ObjectNode json = JsonFile.read(index);
      return new ModelFolder(path, arena, className(index, json), true, components(index, json));
    }
    Path config = path.resolve("config.json");
    if (Files.exists(config)) {
      String className = singleClass(config, JsonFile.read(config));
      Map<String, String> only = Map.of(componentName(className), className);
      return new ModelFolder(path, arena, className, false, only);
    }
    throw new UserError(
        "there is no model in "
            + name
            + "; looked for model_index.json (a diffusers pipeline) and config.json (one component)"
            + "; found "
            + contents(path));
  }

  public Path path() {
    return path;
  }

  /** The class of the whole, such as {@code StableDiffusionPipeline} or {@code CLIPModel}. */
  public String className() {
    return className;
  }

  /** Whether this is a pipeline of components, and not one component alone. */
  public boolean isPipeline() {
    return pipeline;
  }

  /** The class of each component, such as {@code unet} to {@code UNet2DConditionModel}. */
  public Map<String, String> components() {
    return classNames;
  }

  public boolean has(String component) {
    return classNames.containsKey(component);
  }

  /**
   * Accepts only components of these classes.
   *
   * @throws UserError if the folder lacks the component, or has it of another class
   */
  public void require(String component, String... classes) {
    String found = classNames.get(component);
    if (found == null) {
      throw new UserError(
          "%s is a %s without a %s; it has %s"
              .formatted(
                  Printable.quote(path.toString()),
                  Printable.quote(className),
                  component,
                  String.join(", ", classNames.keySet())));
    }
    if (!List.of(classes).contains(found)) {
      throw new UserError(
          "%s: the %s is a %s; Lethe knows %s"
              .formatted(
                  Printable.quote(path.toString()),
                  component,
                  Printable.quote(found),
                  String.join(", ", classes)));
    }
  }

  /** The folder of a component. @throws UserError if the model has none of that name */
  public Path folder(String component) {
    if (!has(component)) {
      require(component);
    }
    Path folder = pipeline ? path.resolve(component) : path;
    if (!Files.isDirectory(folder)) {
      throw new UserError(
          "there is no folder %s, which model_index.json calls for"
              .formatted(Printable.quote(folder.toString())));
    }
    return folder;
  }

  /** A component's settings: scheduler_config.json, tokenizer_config.json, else config.json. */
  public ComponentConfig config(String component) {
    ComponentConfig known = configs.get(component);
    if (known == null) {
      known = ComponentConfig.read(folder(component).resolve(configName(component)));
      configs.put(component, known);
    }
    return known;
  }

  /** A component's weights, under the canonical names of its class. */
  public Checkpoint weights(String component) {
    Checkpoint known = checkpoints.get(component);
    if (known == null) {
      NameMap nameMap = NameMap.of(classNames.getOrDefault(component, ""));
      known = Checkpoint.open(folder(component), nameMap, arena);
      checkpoints.put(component, known);
    }
    return known;
  }

  /** Where vocab.json and merges.txt are: the tokenizer's folder, or that of the CLIP model. */
  public Path tokenizerFolder() {
    return pipeline ? folder("tokenizer") : path;
  }

  /** The components whose weights Lethe reads: those of {@code unet, vae, text_encoder, clip}. */
  public List<String> weightedComponents() {
    return classNames.keySet().stream().filter(ModelFolder::isWeighted).toList();
  }

  /**
   * The files that decide what the model computes, by their names relative to the folder: index,
   * configs, tokenizer and the weights that were chosen.
   */
  public Map<String, Path> files() {
    List<Path> files = new ArrayList<>();
    if (pipeline) {
      files.add(path.resolve("model_index.json"));
    } else {
      files.add(path.resolve("preprocessor_config.json"));
      TOKENIZER_FILES.forEach(name -> files.add(path.resolve(name)));
    }
    for (String component : classNames.keySet()) {
      if (isWeighted(component)) {
        files.add(folder(component).resolve("config.json"));
        files.addAll(weights(component).files());
        weights(component).index().ifPresent(files::add);
      } else if (component.equals("scheduler")) {
        files.add(folder(component).resolve("scheduler_config.json"));
      } else if (component.equals("tokenizer")) {
        TOKENIZER_FILES.forEach(name -> files.add(folder(component).resolve(name)));
      }
    }
    Map<String, Path> byName = new TreeMap<>();
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        byName.put(path.relativize(file).toString().replace('\\', '/'), file);
      }
    }
    return byName;
  }

  /** SHA-256 over {@link #files}: equal for equal models, wherever they lie. */
  public String hash() {
    return ContentHash.of(files());
  }

  static boolean isWeighted(String component) {
    return List.of("unet", "vae", "text_encoder", "clip").contains(component);
  }

  private static String configName(String component) {
    return switch (component) {
      case "scheduler" -> "scheduler_config.json";
      case "tokenizer" -> "tokenizer_config.json";
      case "feature_extractor" -> "preprocessor_config.json";
      default -> "config.json";
    };
  }

  private static Map<String, String> components(Path index, ObjectNode json) {
    Map<String, String> components = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      String name = property.getKey();
      JsonNode value = property.getValue();
      if (!value.isArray() || value.size() != 2 || !value.get(1).isString()) {
        continue; // settings of the pipeline, and components that it does without
      }
      if (!name.matches("[A-Za-z0-9_-]+")) {
        throw new UserError(
            "%s: %s cannot be the name of a component"
                .formatted(Printable.quote(index.toString()), Printable.quote(name)));
      }
      components.put(name, value.get(1).stringValue());
    }
    return components;
  }

  private static String className(Path file, ObjectNode json) {
    return Optional.ofNullable(json.get("_class_name"))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .orElseThrow(() ->
            new UserError(Printable.quote(file.toString()) + " has no string \"_class_name\""));
  }

  private static String singleClass(Path file, ObjectNode json) {
    if (json.has("_class_name")) {
      return className(file, json);
    }
    return switch (json.path("model_type").asString("")) {
      case "clip" -> "CLIPModel";
      case "clip_text_model" -> "CLIPTextModel";
      default ->
          throw new UserError(
              "%s is the config of no model that Lethe knows (model_type %s)"
                  .formatted(
                      Printable.quote(file.toString()),
                      Printable.quote(json.path("model_type").asString("missing"))));
    };
  }

  private static String componentName(String className) {
    return switch (className) {
      case "CLIPModel" -> "clip";
      case "CLIPTextModel", "CLIPTextModelWithProjection" -> "text_encoder";
      case "UNet2DConditionModel" -> "unet";
      case "AutoencoderKL" -> "vae";
      default -> className;
    };
  }

  private static String contents(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      String names =
          files
              .map(file -> Printable.quote(file.getFileName().toString()))
              .sorted()
              .limit(10)
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "nothing" : names;
    } catch (IOException failure) {
      throw Failure.reading(folder, failure);
    }
  }
}
