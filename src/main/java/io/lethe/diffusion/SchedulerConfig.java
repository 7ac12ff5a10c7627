// A scheduler_config.json, read with care.
package io.lethe.diffusion;

import io.lethe.UserError;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The options of a scheduler as its folder gives them. What the file does not say takes the default
 * of the class that is made from it, as in diffusers, and those defaults stand with each sampler.
 *
 * <p>Options of another class than the one made are passed by. One that no class has is noted if it
 * is null or false, and refused otherwise. Immutable.
 */
public final class SchedulerConfig {
  /** lambda_min_clipped is written as {@code -Infinity}, which is not quite JSON. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final long LARGEST = 16L << 20;

  private final String source;
  private final Map<String, JsonNode> values;
  private final List<String> notes;

  private SchedulerConfig(String source, Map<String, JsonNode> values, List<String> notes) {
    this.source = source;
    this.values = Collections.unmodifiableMap(values);
    this.notes = List.copyOf(notes);
  }

  /**
   * Reads a scheduler_config.json.
   *
   * @throws UserError if it cannot be read, is no JSON object, or has an option that no scheduler
   *     has
   */
  public static SchedulerConfig read(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new UserError(Printable.quote(file.toString()) + " is too large for a configuration");
      }
      return parse(Files.readString(file), file.toString());
    } catch (NoSuchFileException missing) {
      throw new UserError("there is no file " + Printable.quote(file.toString()), missing);
    } catch (IOException failure) {
      throw new UserError(
          "cannot read " + Printable.quote(file.toString()) + ": " + failure.getMessage(), failure);
    }
  }

  /**
   * Reads a configuration from a text.
   *
   * @param source what to call it in errors
   * @throws UserError as {@link #read}
   */
  public static SchedulerConfig parse(String json, String source) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JacksonException broken) {
      throw new UserError(Printable.quote(source) + ": " + broken.getOriginalMessage(), broken);
    }
    if (!root.isObject()) {
      throw new UserError(Printable.quote(source) + ": a JSON object is needed");
    }
    Map<String, JsonNode> values = new TreeMap<>();
    List<String> notes = new ArrayList<>();
    Set<String> known = SamplerKind.allKeys();
    for (Map.Entry<String, JsonNode> option : root.properties()) {
      String key = option.getKey();
      JsonNode value = option.getValue();
      if (known.contains(key) || key.equals("_class_name")) {
        values.put(key, value);
      } else if (!key.startsWith("_")) { // such as _diffusers_version
        boolean harmless = value.isNull() || value.isBoolean() && !value.booleanValue();
        if (!harmless) {
          throw new UserError(
              "%s: no scheduler has an option %s"
                  .formatted(Printable.quote(source), Printable.quote(key)));
        }
        notes.add("%s: %s is not known, and ignored".formatted(source, Printable.quote(key)));
      }
    }
    return new SchedulerConfig(source, values, notes);
  }

  /**
   * Reads the file that a component's configuration came from. @throws UserError as {@link #read}
   */
  public static SchedulerConfig of(ComponentConfig config) {
    return read(config.file());
  }

  /** What was passed by, one line each. */
  public List<String> notes() {
    return notes;
  }

  /** The folder's own sampler. @throws UserError if the file names none, or one not known */
  public SamplerKind kind() {
    JsonNode name = values.get("_class_name");
    if (name == null || !name.isString()) {
      throw wrong("_class_name", "a class such as DDIMScheduler is needed");
    }
    try {
      return SamplerKind.named(name.stringValue());
    } catch (UserError unknown) {
      throw new UserError(Printable.quote(source) + ": " + unknown.getMessage(), unknown);
    }
  }

  /** Whether the file itself gives this option a value. */
  public boolean has(String key) {
    JsonNode value = values.get(key);
    return value != null && !value.isNull();
  }

  /** These options with one of them set; a string, number or boolean. */
  public SchedulerConfig with(String key, Object value) {
    Map<String, JsonNode> changed = new TreeMap<>(values);
    changed.put(key, MAPPER.valueToTree(value));
    return new SchedulerConfig(source, changed, notes);
  }

  /**
   * What StableDiffusionPipeline in diffusers makes of these options when it loads a folder, for a
   * sampler of this kind: steps_offset is 1 and clip_sample false, since old folders forgot them. A
   * value that the file lacks is put right for the folder's own class only; another class that is
   * made from it has its own defaults.
   */
  SchedulerConfig asInPipeline(SamplerKind target) {
    JsonNode name = values.get("_class_name");
    boolean own = name != null && name.isString() && name.stringValue().equals(target.className());
    SchedulerConfig mended = this;
    if (own || has("steps_offset")) {
      mended = mended.with("steps_offset", 1);
    }
    if (own || has("clip_sample")) {
      mended = mended.with("clip_sample", false);
    }
    return mended;
  }

  /** The options that a class has; all else is passed by, as in diffusers. */
  SchedulerConfig keeping(Set<String> keys) {
    Map<String, JsonNode> kept = new TreeMap<>(values);
    kept.keySet().retainAll(keys);
    return new SchedulerConfig(source, kept, notes);
  }

  /** A number. @throws UserError if it is none */
  double number(String key, double otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = values.get(key);
    if (!value.isNumber() || Double.isNaN(value.doubleValue())) {
      throw wrong(key, "a number is needed");
    }
    return value.doubleValue();
  }

  /** A whole number between two bounds. @throws UserError if it is none */
  int integer(String key, int otherwise, int least, int most) {
    double value = number(key, otherwise);
    if (value != Math.rint(value) || value < least || value > most) {
      throw wrong(key, "a whole number from " + least + " to " + most + " is needed");
    }
    return (int) value;
  }

  /** True or false. @throws UserError if it is neither */
  boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = values.get(key);
    if (!value.isBoolean()) {
      throw wrong(key, "true or false is needed");
    }
    return value.booleanValue();
  }

  /** One of the allowed words. @throws UserError that lists them */
  String choice(String key, String otherwise, String... allowed) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = values.get(key);
    for (String word : allowed) {
      if (value.isString() && value.stringValue().equals(word)) {
        return word;
      }
    }
    throw wrong(key, "supported are " + String.join(", ", allowed));
  }

  /** A list of numbers, or null if it is not given. @throws UserError if it is none */
  double[] numbers(String key) {
    if (!has(key)) {
      return null;
    }
    JsonNode list = values.get(key);
    if (!list.isArray()) {
      throw wrong(key, "a list of numbers is needed");
    }
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode element = list.get(i);
      if (!element.isNumber()) {
        throw wrong(key, "a list of numbers is needed");
      }
      numbers[i] = element.doubleValue();
    }
    return numbers;
  }

  /** Refuses options that would change the result and are not there. */
  void refuse(String... flags) {
    for (String flag : flags) {
      if (flag(flag, false)) {
        throw wrong(flag, "this option is not supported");
      }
    }
  }

  /** An error about one option, with its value. */
  UserError wrong(String key, String what) {
    JsonNode value = values.get(key);
    return new UserError(
        "%s: %s is %s; %s"
            .formatted(
                Printable.quote(source),
                key,
                value == null ? "missing" : Printable.quote(value.toString()),
                what));
  }
}
