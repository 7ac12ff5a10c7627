// Token strings and their ids, from vocab.json.
package io.lethe.text;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;

/** Both directions of vocab.json, one object of token to id. */
final class Vocabulary {
  /** Far above any vocabulary in use; keeps a hostile id from asking for all memory. */
  private static final int MOST_TOKENS = 4_000_000;

  private final Map<String, Integer> ids;
  private final String[] tokens;

  private Vocabulary(Map<String, Integer> ids, String[] tokens) {
    this.ids = ids;
    this.tokens = tokens;
  }

  /** Reads vocab.json. @throws UserError naming the file and the line of what is wrong */
  static Vocabulary read(Path file) {
    Map<String, Integer> ids = new HashMap<>();
    String[] tokens = new String[1 << 16];
    int size = 0;
    try (JsonParser parser = JsonFile.parse(file)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed(file, parser, "an object of tokens and ids is needed");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String token = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
          throw malformed(file, parser, "the id of " + Printable.quote(token) + " is no integer");
        }
        long id = parser.getLongValue();
        if (id < 0 || id >= MOST_TOKENS) {
          throw malformed(
              file, parser, "the id " + id + " of " + Printable.quote(token) + " is out of range");
        }
        if (id >= tokens.length) {
          tokens = Arrays.copyOf(tokens, MOST_TOKENS);
        }
        if (tokens[(int) id] != null || ids.put(token, (int) id) != null) {
          throw malformed(
              file, parser, "the token " + Printable.quote(token) + " or its id occurs twice");
        }
        tokens[(int) id] = token;
        size = Math.max(size, (int) id + 1);
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw malformed(file, parser, "something stands after the object of tokens and ids");
      }
    } catch (JacksonException broken) {
      throw JsonFile.malformed(file, broken);
    }
    if (size == 0) {
      throw new UserError("the vocabulary " + Printable.quote(file.toString()) + " is empty");
    }
    return new Vocabulary(ids, Arrays.copyOf(tokens, size));
  }

  private static UserError malformed(Path file, JsonParser parser, String what) {
    TokenStreamLocation at = parser.currentTokenLocation();
    return JsonFile.malformed(file, at.getLineNr(), at.getColumnNr(), what);
  }

  /** One more than the largest id. */
  int size() {
    return tokens.length;
  }

  /** The id of a token, or -1. */
  int id(String token) {
    Integer id = ids.get(token);
    return id == null ? -1 : id;
  }

  /** The token of an id, or null where the ids have a gap or end. */
  String token(int id) {
    return id >= 0 && id < tokens.length ? tokens[id] : null;
  }
}
