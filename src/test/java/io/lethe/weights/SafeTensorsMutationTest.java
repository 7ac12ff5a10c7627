// Whatever is done to a valid file, it loads or is refused by our own error.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class SafeTensorsMutationTest {
  private static final int MUTATIONS = 10_000;

  /** Pieces that keep a header parseable more often than random bytes do. */
  private static final List<String> PIECES =
      List.of(
          "0",
          "1",
          "-1",
          "4",
          "9223372036854775807",
          "18446744073709551615",
          "1e9",
          "0.5",
          "[]",
          "{}",
          "null",
          "\"F16\"",
          "\"F32\"",
          "\"U8\"",
          "\"F4\"",
          "\"dtype\"",
          "\"shape\"",
          "\"data_offsets\"",
          "\"__metadata__\"",
          "\"a\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          " ");

  @TempDir Path folder;

  @Test
  void tenThousandMutationsLoadOrAreRefusedByOurError() throws IOException {
    List<byte[]> originals = originals();
    Path file = folder.resolve("mutated.safetensors");
    int parseable = 0;
    int loaded = 0;
    int refused = 0;
    for (int seed = 0; seed < MUTATIONS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] mutated = mutate(originals.get(seed % originals.size()), random);
      if (hasParseableHeader(mutated)) {
        parseable++;
      }
      overwrite(file, mutated);
      try (Arena arena = Arena.ofConfined()) {
        for (TensorView view : SafeTensorsFile.open(file, arena).tensors().values()) {
          view.bytes().toArray(ValueLayout.JAVA_BYTE);
          if (view.dtype().isFloat()) {
            view.toFloats();
          }
        }
        loaded++;
      } catch (SafeTensorsException expected) {
        refused++;
      } catch (RuntimeException | Error unexpected) {
        throw new AssertionError("seed " + seed + " raised something else", unexpected);
      }
    }
    String counts = "parseable %d, loaded %d, refused %d".formatted(parseable, loaded, refused);
    assertTrue(parseable >= MUTATIONS / 3, counts);
    assertTrue(loaded >= MUTATIONS / 20, counts); // else the mutations are too crude to mean much
    assertTrue(refused >= MUTATIONS / 3, counts);
  }

  /** In place: to empty a file and fill it again would wait for the disk every time. */
  private static void overwrite(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.truncate(content.length);
    }
  }

  private List<byte[]> originals() throws IOException {
    Path file = folder.resolve("valid.safetensors");
    SafeTensorsWriter.write(
        file,
        List.of(
            entry("weight", DType.F32, 3, 4),
            entry("a", DType.F16, 5),
            entry("a.b", DType.U8, 2, 0, 2),
            entry("bias", DType.BF16, 2, 2),
            entry("ids", DType.I64)),
        Map.of("format", "pt", "note", "a \"quoted\" \u00e9"));
    Path small = folder.resolve("small.safetensors");
    SafeTensorsWriter.write(small, List.of(entry("a", DType.F32, 2)), Map.of());
    return List.of(
        Files.readAllBytes(file),
        Files.readAllBytes(small),
        Files.readAllBytes(TestFiles.golden("hostile/ok_bf16_f16.safetensors")));
  }

  private static TensorEntry entry(String name, DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    byte[] bytes = new byte[Math.toIntExact(shape.elements() * dtype.bits() / 8)];
    Arrays.fill(bytes, (byte) 60);
    return new TensorEntry(
        name, dtype, shape, new TensorSource.Bytes(MemorySegment.ofArray(bytes)));
  }

  private static byte[] mutate(byte[] original, SplittableRandom random) {
    int headerLength = (int) ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    byte[] header = Arrays.copyOfRange(original, 8, 8 + headerLength);
    byte[] data = Arrays.copyOfRange(original, 8 + headerLength, original.length);
    int edits = 1 + random.nextInt(3);
    for (int i = 0; i < edits; i++) {
      switch (random.nextInt(10)) {
        case 0 -> header[random.nextInt(header.length)] = (byte) random.nextInt(256);
        case 1 -> header[random.nextInt(header.length)] ^= (byte) (1 << random.nextInt(8));
        case 2 -> data = Arrays.copyOf(data, random.nextInt(data.length + 9));
        case 3 -> {
          if (data.length > 0) {
            data[random.nextInt(data.length)] = (byte) random.nextInt(256);
          }
        }
        case 4 -> header = Arrays.copyOf(header, 1 + random.nextInt(header.length));
        case 5, 6, 7 -> header = replaceToken(header, random);
        case 8 -> header = replaceDigit(header, random);
        default -> header = moveEntry(header, random);
      }
    }
    long claimed =
        random.nextInt(12) == 0 ? random.nextLong() >>> random.nextInt(64) : header.length;
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(claimed)
        .put(header)
        .put(data)
        .array();
  }

  /** Replaces one number or string of the JSON by a piece. */
  private static byte[] replaceToken(byte[] header, SplittableRandom random) {
    String text = new String(header, StandardCharsets.ISO_8859_1);
    var tokens = Pattern.compile("\"[^\"]*\"|\\d+").matcher(text).results().toList();
    if (tokens.isEmpty()) {
      return header;
    }
    var token = tokens.get(random.nextInt(tokens.size()));
    String piece = PIECES.get(random.nextInt(PIECES.size()));
    if (random.nextBoolean()) { // one token of the header in place of another
      piece = tokens.get(random.nextInt(tokens.size())).group();
    }
    return (text.substring(0, token.start()) + piece + text.substring(token.end()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] replaceDigit(byte[] header, SplittableRandom random) {
    byte[] copy = header.clone();
    int start = random.nextInt(copy.length);
    for (int i = 0; i < copy.length; i++) {
      int at = (start + i) % copy.length;
      if (copy[at] >= '0' && copy[at] <= '9') {
        copy[at] = (byte) ('0' + random.nextInt(10));
        break;
      }
    }
    return copy;
  }

  /** Repeats a run of the header elsewhere. */
  private static byte[] moveEntry(byte[] header, SplittableRandom random) {
    String text = new String(header, StandardCharsets.ISO_8859_1);
    int from = Math.max(0, text.indexOf("},\"") + 2);
    int to = text.indexOf('}', from);
    if (to < 0) {
      return header;
    }
    String run = text.substring(from, to + 1);
    String moved =
        random.nextBoolean()
            ? text.replace(run + ",", "") // drops it, where another follows
            : "{" + run + "," + text.substring(1); // doubles it
    return moved.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean hasParseableHeader(byte[] file) {
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (length <= 0 || length > file.length - 8) {
      return false;
    }
    try {
      return JsonMapper.shared().readTree(file, 8, (int) length).isObject();
    } catch (JacksonException malformed) {
      return false;
    }
  }
}
