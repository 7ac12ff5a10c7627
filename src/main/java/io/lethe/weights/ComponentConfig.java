// A component's config.json, read key by key, so that no key goes unnoticed.
package io.lethe.weights;

import io.lethe.UserError;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings of a component.
 *
 * <p>Whoever builds the component asks for every key that it understands, each with the default
 * that diffusers has for it, and calls {@link #finish} at the end: a key that nobody asked for
 * could change the result, so it is an error, unless it is null or false (then it is noted) or
 * known to be without effect here ({@link HarmlessKeys}).
 */
public final class ComponentConfig {
  private final Path file;
  private final String section;
  private final ObjectNode node;
  private final Set<String> asked = new HashSet<>();
  private final Map<String, ComponentConfig> sections = new LinkedHashMap<>();

  private ComponentConfig(Path file, String section, ObjectNode node) {
    this.file = file;
    this.section = section;
    this.node = node;
  }

  /** Reads the file. @throws UserError if it is missing or not a JSON object */
  public static ComponentConfig read(Path file) {
    return new ComponentConfig(file, "", JsonFile.read(file));
  }

  /** The file that the settings come from. */
  public Path file() {
    return file;
  }

  /** Whether the key is there and not null; counts as having asked for it. */
  public boolean has(String key) {
    return find(key).isPresent();
  }

  /** A whole number. @throws UserError if the key holds something else, or null */
  public int integer(String key, int fallback) {
    return isAbsent(key) ? fallback : asInteger(key, present(key, "a whole number"));
  }

  /** A whole number that has no default. @throws UserError if it is missing */
  public int integer(String key) {
    return asInteger(key, find(key).orElseThrow(() -> error(key, "is missing")));
  }

  /** Whole numbers. @throws UserError if the key holds something else, or null */
  public List<Integer> integers(String key, List<Integer> fallback) {
    if (isAbsent(key)) {
      return fallback;
    }
    JsonNode value = present(key, "a list of whole numbers");
    if (!value.isArray()) {
      throw wrong(key, value, "a list of whole numbers");
    }
    List<Integer> values = new ArrayList<>();
    value.forEach(element -> values.add(asInteger(key, element)));
    return Collections.unmodifiableList(values);
  }

  /**
   * One whole number for each level: a list of that many, or one number that holds for all.
   *
   * @throws UserError if the list has another length
   */
  public List<Integer> integersPerLevel(String key, int fallback, int levels) {
    if (isAbsent(key)) {
      return Collections.nCopies(levels, fallback);
    }
    JsonNode value = present(key, "a whole number or a list of them");
    if (!value.isArray()) {
      return Collections.nCopies(levels, asInteger(key, value));
    }
    List<Integer> values = integers(key, List.of());
    if (values.size() != levels) {
      throw wrong(key, value, "one number, or a list of " + levels);
    }
    return values;
  }

  /** A number. @throws UserError if the key holds something else, or null */
  public double real(String key, double fallback) {
    return isAbsent(key) ? fallback : asReal(key, present(key, "a number"));
  }

  /** Numbers. @throws UserError if the key holds something else, or null */
  public List<Double> reals(String key, List<Double> fallback) {
    if (isAbsent(key)) {
      return fallback;
    }
    JsonNode value = present(key, "a list of numbers");
    if (!value.isArray()) {
      throw wrong(key, value, "a list of numbers");
    }
    List<Double> values = new ArrayList<>();
    value.forEach(element -> values.add(asReal(key, element)));
    return Collections.unmodifiableList(values);
  }

  /** True or false; null counts as false. @throws UserError if the key holds something else */
  public boolean flag(String key, boolean fallback) {
    if (isAbsent(key)) {
      return fallback;
    }
    JsonNode value = node.get(key);
    if (!value.isNull() && !value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.booleanValue(false);
  }

  /** A string. @throws UserError if the key holds something else, or null */
  public String text(String key, String fallback) {
    return isAbsent(key) ? fallback : asText(key, present(key, "a string"));
  }

  /** Strings. @throws UserError if the key holds something else, or null */
  public List<String> texts(String key, List<String> fallback) {
    if (isAbsent(key)) {
      return fallback;
    }
    JsonNode value = present(key, "a list of strings");
    if (!value.isArray()) {
      throw wrong(key, value, "a list of strings");
    }
    List<String> values = new ArrayList<>();
    value.forEach(element -> values.add(asText(key, element)));
    return Collections.unmodifiableList(values);
  }

  /**
   * An object within the object; an empty one if it is missing or null.
   *
   * <p>Old CLIP configs repeat {@code text_config} as {@code text_config_dict}; where they differ
   * the latter holds, and so it does here.
   */
  public ComponentConfig section(String key) {
    ComponentConfig known = sections.get(key);
    if (known != null) {
      return known;
    }
    ObjectNode merged = object(key).map(ObjectNode::deepCopy).orElseGet(node::objectNode);
    object(key + "_dict").ifPresent(merged::setAll);
    ComponentConfig opened = new ComponentConfig(file, section + key + ".", merged);
    sections.put(key, opened);
    return opened;
  }

  /** Accepts only this value, or that the key is missing, for what Lethe knows in one form. */
  public void mustBe(String key, String only) {
    if (!text(key, only).equals(only)) {
      throw wrong(key, node.get(key), "\"" + only + "\", the only value that Lethe supports");
    }
  }

  /** As {@link #mustBe(String, String)}. */
  public void mustBe(String key, double only) {
    if (real(key, only) != only) {
      throw wrong(key, node.get(key), only + ", the only value that Lethe supports");
    }
  }

  /** As {@link #mustBe(String, String)}. */
  public void mustBe(String key, boolean only) {
    if (flag(key, only) != only) {
      throw wrong(key, node.get(key), only + ", the only value that Lethe supports");
    }
  }

  /** An error about one key, for whoever knows more about what it should be. */
  public UserError error(String key, String reason) {
    return new UserError(
        "%s: key %s %s"
            .formatted(Printable.quote(file.toString()), Printable.quote(section + key), reason));
  }

  /**
   * Looks at the keys that nobody asked for.
   *
   * @return a note for each that is null or false
   * @throws UserError naming file and key of one that could matter
   */
  public List<String> finish() {
    List<String> notes = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : node.properties()) {
      String key = property.getKey();
      JsonNode value = property.getValue();
      if (asked.contains(key) || HarmlessKeys.contains(key, value)) {
        continue;
      }
      if (value.isNull() || value.isBoolean() && !value.booleanValue()) {
        notes.add(
            "%s: unknown key %s is %s and was passed over"
                .formatted(
                    Printable.quote(file.toString()), Printable.quote(section + key), value));
      } else {
        throw error(
            key,
            "is unknown to Lethe and set to "
                + shorten(value)
                + "; this model may need what Lethe does not have");
      }
    }
    sections.values().forEach(child -> notes.addAll(child.finish()));
    return notes;
  }

  private boolean isAbsent(String key) {
    asked.add(key);
    return !node.has(key);
  }

  private Optional<JsonNode> find(String key) {
    return isAbsent(key) || node.get(key).isNull() ? Optional.empty() : Optional.of(node.get(key));
  }

  private JsonNode present(String key, String expected) {
    return find(key).orElseThrow(() -> wrong(key, node.get(key), expected));
  }

  private Optional<ObjectNode> object(String key) {
    Optional<JsonNode> value = find(key);
    if (value.isPresent() && !(value.get() instanceof ObjectNode)) {
      throw wrong(key, value.get(), "an object");
    }
    return value.map(ObjectNode.class::cast);
  }

  private int asInteger(String key, JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(key, value, "a whole number");
    }
    return value.intValue();
  }

  private double asReal(String key, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(key, value, "a number");
    }
    return value.doubleValue();
  }

  private String asText(String key, JsonNode value) {
    if (!value.isString()) {
      throw wrong(key, value, "a string");
    }
    return value.stringValue();
  }

  private UserError wrong(String key, JsonNode value, String expected) {
    return error(key, "is " + shorten(value) + ", expected " + expected);
  }

  private static String shorten(JsonNode value) {
    return Printable.quote(value.toString());
  }
}
