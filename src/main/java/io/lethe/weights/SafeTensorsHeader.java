// The JSON header of a safetensors file, parsed and checked against the length of the data.
package io.lethe.weights;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Parses one header: {@code {"__metadata__": {string: string}, NAME: {"dtype", "shape",
 * "data_offsets"}, ...}}, padded at the end with white space.
 *
 * <p>Refused beyond what JSON refuses: duplicate keys, unknown or missing fields, numbers that are
 * not plain digits, unpaired surrogates, and data that do not tile the buffer exactly. Nothing here
 * recurses and no allocation is larger than the header, so that a hostile file costs at most its
 * own size.
 */
final class SafeTensorsHeader {
  /** The longest header, in bytes, that the format allows. */
  static final long LONGEST = 100_000_000;

  static final int MOST_TENSORS = 100_000;
  static final int MOST_NAME_BYTES = 16 << 20;
  static final int MOST_DIMENSIONS = 64;

  private static final String METADATA = "__metadata__";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxNameLength(MOST_NAME_BYTES)
                  .maxStringLength((int) LONGEST)
                  .maxNumberLength(1000)
                  .build())
          .build();

  /** One tensor: {@code begin} and {@code end} count from the start of the data buffer. */
  record Entry(String name, DType dtype, Shape shape, long begin, long end) {}

  private final Path file;
  private final char[] text;
  private final int length;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long nameBytes;

  private SafeTensorsHeader(Path file, CharBuffer text) {
    this.file = file;
    this.text = text.array();
    this.length = text.position();
  }

  /**
   * @param header the header's bytes, which start at byte 8 of the file
   * @param bufferLength bytes of the file after the header
   * @throws SafeTensorsException for whatever is wrong
   */
  static SafeTensorsHeader parse(Path file, byte[] header, long bufferLength) {
    if (header.length == 0 || header[0] != '{') {
      throw new SafeTensorsException(
          file, null, 8, "the header does not start with '{'; this is no safetensors file");
    }
    SafeTensorsHeader parsed = new SafeTensorsHeader(file, decode(file, header));
    parsed.read();
    new DataTiling(file, 8 + (long) header.length, bufferLength).check(parsed.entries.values());
    return parsed;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** The entries by name, in the header's order. */
  Map<String, Entry> entries() {
    return entries;
  }

  private static CharBuffer decode(Path file, byte[] header) {
    ByteBuffer bytes = ByteBuffer.wrap(header);
    CharBuffer chars = CharBuffer.allocate(header.length);
    CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, chars, true);
    if (result.isError()) {
      throw new SafeTensorsException(
          file, null, 8 + (long) bytes.position(), "the header is not valid UTF-8");
    }
    return chars;
  }

  private void read() {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text, 0, length)) {
      expect(parser, parser.nextToken(), JsonToken.START_OBJECT, null, "a JSON object");
      boolean metadataSeen = false;
      JsonToken token = parser.nextToken();
      for (; token == JsonToken.PROPERTY_NAME; token = parser.nextToken()) {
        String name = parser.currentName();
        if (name.equals(METADATA)) {
          if (metadataSeen) {
            throw at(parser, null, "\"__metadata__\" appears twice");
          }
          metadataSeen = true;
          readMetadata(parser);
        } else {
          countName(parser, name);
          if (entries.put(name, readEntry(parser, name)) != null) {
            throw at(parser, name, "the name appears twice in the header");
          }
        }
      }
      expect(parser, token, JsonToken.END_OBJECT, null, "the end of the object");
      if (parser.nextToken() != null) {
        throw at(parser, null, "there is more in the header after its JSON object");
      }
    } catch (JacksonException malformed) {
      long chars = malformed.getLocation() == null ? 0 : malformed.getLocation().getCharOffset();
      throw new SafeTensorsException(
          file,
          null,
          fileOffset(chars),
          "the header is not valid JSON: " + Printable.quote(malformed.getOriginalMessage()),
          malformed);
    }
  }

  private void countName(JsonParser parser, String name) {
    if (entries.size() == MOST_TENSORS) {
      throw at(parser, null, "more than " + MOST_TENSORS + " tensors in one file");
    }
    nameBytes += name.getBytes(StandardCharsets.UTF_8).length;
    if (nameBytes > MOST_NAME_BYTES) {
      throw at(parser, null, "the tensor names together exceed " + MOST_NAME_BYTES + " bytes");
    }
    checkText(parser, name, name);
  }

  private void readMetadata(JsonParser parser) {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      return; // the format's own library writes no such thing, but reads it as "no metadata"
    }
    expect(parser, token, JsonToken.START_OBJECT, null, "an object of strings as __metadata__");
    for (token = parser.nextToken(); token == JsonToken.PROPERTY_NAME; token = parser.nextToken()) {
      String key = parser.currentName();
      checkText(parser, null, key);
      expect(
          parser,
          parser.nextToken(),
          JsonToken.VALUE_STRING,
          null,
          "a string as the value of metadata key " + Printable.quote(key));
      String value = parser.getString();
      checkText(parser, null, value);
      if (metadata.put(key, value) != null) {
        throw at(parser, null, "metadata key " + Printable.quote(key) + " appears twice");
      }
    }
  }

  private Entry readEntry(JsonParser parser, String name) {
    expect(parser, parser.nextToken(), JsonToken.START_OBJECT, name, "an object");
    DType dtype = null;
    long[] extents = null;
    long[] offsets = null;
    JsonToken token = parser.nextToken();
    for (; token == JsonToken.PROPERTY_NAME; token = parser.nextToken()) {
      String field = parser.currentName();
      boolean repeated =
          switch (field) {
            case "dtype" -> dtype != null;
            case "shape" -> extents != null;
            case "data_offsets" -> offsets != null;
            default -> throw at(parser, name, "unknown field " + Printable.quote(field));
          };
      if (repeated) {
        throw at(parser, name, "field " + Printable.quote(field) + " appears twice");
      }
      switch (field) {
        case "dtype" -> dtype = readDType(parser, name);
        case "shape" -> extents = readIntegers(parser, name, "shape", MOST_DIMENSIONS);
        default -> offsets = readIntegers(parser, name, "data_offsets", 2);
      }
    }
    if (dtype == null || extents == null || offsets == null) {
      String missing = dtype == null ? "dtype" : extents == null ? "shape" : "data_offsets";
      throw at(parser, name, "field \"" + missing + "\" is missing");
    }
    if (offsets.length != 2) {
      throw at(parser, name, "data_offsets has " + offsets.length + " numbers, not 2");
    }
    return new Entry(name, dtype, shape(parser, name, extents), offsets[0], offsets[1]);
  }

  private DType readDType(JsonParser parser, String name) {
    expect(parser, parser.nextToken(), JsonToken.VALUE_STRING, name, "a string as dtype");
    String text = parser.getString();
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw at(parser, name, "unknown dtype " + Printable.quote(text));
  }

  private long[] readIntegers(JsonParser parser, String name, String field, int most) {
    expect(parser, parser.nextToken(), JsonToken.START_ARRAY, name, "an array as " + field);
    long[] values = new long[most];
    int count = 0;
    JsonToken token = parser.nextToken();
    for (; token == JsonToken.VALUE_NUMBER_INT; token = parser.nextToken()) {
      if (count == most) {
        throw at(parser, name, field + " has more than " + most + " numbers");
      }
      values[count++] = wholeNumber(parser, name, field);
    }
    expect(parser, token, JsonToken.END_ARRAY, name, "only whole numbers in " + field);
    return Arrays.copyOf(values, count);
  }

  /** Plain digits below 2^63; "-0", which JSON allows, is not one of them. */
  private long wholeNumber(JsonParser parser, String name, String field) {
    String digits = parser.getString();
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
        throw at(parser, name, field + " holds " + Printable.quote(digits) + ", not in [0, 2^63)");
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private Shape shape(JsonParser parser, String name, long[] extents) {
    long elements = 1;
    for (long extent : extents) {
      if (extent != 0 && elements > Long.MAX_VALUE / extent) {
        throw at(parser, name, "shape " + Arrays.toString(extents) + " has over 2^63 elements");
      }
      elements *= extent;
    }
    return Shape.of(extents);
  }

  private void checkText(JsonParser parser, String tensor, String value) {
    for (int i = 0; i < value.length(); i++) {
      char unit = value.charAt(i);
      if (Character.isHighSurrogate(unit)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(unit)) {
        throw at(parser, tensor, "half of a surrogate pair in " + Printable.quote(value));
      }
    }
  }

  private void expect(
      JsonParser parser, JsonToken found, JsonToken wanted, String tensor, String what) {
    if (found != wanted) {
      throw at(parser, tensor, "expected " + what + ", found " + (found == null ? "end" : found));
    }
  }

  private SafeTensorsException at(JsonParser parser, String tensor, String reason) {
    long chars = parser.currentTokenLocation().getCharOffset();
    return new SafeTensorsException(file, tensor, fileOffset(chars), reason);
  }

  /** The byte of the file at which the header's n-th UTF-16 unit starts. */
  private long fileOffset(long chars) {
    int count = Math.clamp(chars, 0, length);
    return 8 + (long) new String(text, 0, count).getBytes(StandardCharsets.UTF_8).length;
  }
}
