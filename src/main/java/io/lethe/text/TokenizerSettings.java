// The special tokens and the context length, from the tokenizer's own configuration.
package io.lethe.text;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What tokenizer_config.json and special_tokens_map.json say; the second wins where both speak, as
 * in transformers (Stable Diffusion 2's folder relies on it for its padding token "!").
 *
 * @param begin put before the words
 * @param end put after the words
 * @param pad fills up the context
 * @param unknown stands for what the vocabulary lacks
 * @param special every token that is matched in the text as it is written
 * @param contextLength model_max_length, or -1 if the folder does not say
 */
record TokenizerSettings(
    String begin, String end, String pad, String unknown, Set<String> special, int contextLength) {
  private static final int LONGEST_CONTEXT = 1 << 16;

  /** Reads both files of a folder; either may be missing, and then CLIP's defaults hold. */
  static TokenizerSettings read(Path folder) {
    Path configFile = folder.resolve("tokenizer_config.json");
    Path mapFile = folder.resolve("special_tokens_map.json");
    JsonNode config = object(configFile);
    JsonNode map = object(mapFile);
    refuseOtherKinds(configFile, config);
    String end = "<|endoftext|>";
    String[] names = {"bos_token", "eos_token", "pad_token", "unk_token"};
    String[] tokens = {"<|startoftext|>", end, end, end};
    Set<String> special = new LinkedHashSet<>();
    for (int i = 0; i < names.length; i++) {
      tokens[i] = token(configFile, config, names[i], tokens[i]);
      tokens[i] = token(mapFile, map, names[i], tokens[i]);
      special.add(tokens[i]);
    }
    for (Map.Entry<String, JsonNode> added : config.path("added_tokens_decoder").properties()) {
      JsonNode content = added.getValue().path("content");
      if (!content.isString() || content.stringValue().isEmpty()) {
        throw new UserError(
            "%s: added_tokens_decoder has no content for the id %s"
                .formatted(
                    Printable.quote(configFile.toString()), Printable.quote(added.getKey())));
      }
      special.add(content.stringValue());
    }
    return new TokenizerSettings(
        tokens[0], tokens[1], tokens[2], tokens[3], special, contextLength(configFile, config));
  }

  private static JsonNode object(Path file) {
    if (!Files.exists(file)) {
      return JsonFile.MAPPER.createObjectNode();
    }
    try {
      JsonNode node = JsonFile.MAPPER.readTree(JsonFile.bytes(file));
      if (!node.isObject()) {
        throw JsonFile.malformed(file, 1, 1, "a JSON object is needed");
      }
      return node;
    } catch (JacksonException broken) {
      throw JsonFile.malformed(file, broken);
    }
  }

  private static void refuseOtherKinds(Path file, JsonNode config) {
    String kind = config.path("tokenizer_class").asString("CLIPTokenizer");
    if (!kind.equals("CLIPTokenizer") && !kind.equals("CLIPTokenizerFast")) {
      throw new UserError(
          "%s: tokenizer_class is %s; only CLIPTokenizer is supported"
              .formatted(Printable.quote(file.toString()), Printable.quote(kind)));
    }
  }

  /** A token is a string or, as an AddedToken, an object with its content. */
  private static String token(Path file, JsonNode from, String name, String otherwise) {
    JsonNode node = from.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    JsonNode content = node.isObject() ? node.path("content") : node;
    if (!content.isString() || content.stringValue().isEmpty()) {
      throw new UserError(
          "%s: %s is neither a token nor an object with its content"
              .formatted(Printable.quote(file.toString()), name));
    }
    return content.stringValue();
  }

  private static int contextLength(Path file, JsonNode config) {
    JsonNode length = config.path("model_max_length");
    if (length.isMissingNode() || length.isNull()) {
      return -1;
    }
    if (!length.isNumber()) {
      throw new UserError(Printable.quote(file.toString()) + ": model_max_length is no number");
    }
    double value = length.doubleValue();
    if (value > LONGEST_CONTEXT) {
      return -1; // transformers writes 10^30 for "not known"
    }
    if (value < 2 || value != Math.rint(value)) {
      throw new UserError(
          "%s: model_max_length is %s; at least 2 is needed, for begin and end"
              .formatted(Printable.quote(file.toString()), length));
    }
    return (int) value;
  }
}
