// Writes pictures as PNG files whose text chunks tell how they were made, and reads those chunks.
package io.lethe.report;

import io.lethe.UserError;
import io.lethe.diffusion.Picture;
import io.lethe.weights.AtomicFile;
import io.lethe.weights.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * The PNG format, as far as 8-bit RGB needs it.
 *
 * <p>A file is a signature and chunks {@code length, type, data, CRC}: the header IHDR, one text
 * chunk a property (tEXt where the value is Latin-1, else iTXt), the pixels in one IDAT, IEND. The
 * bytes depend on the picture and the properties alone: no time, no name of a machine.
 */
public final class PngFile {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int LONGEST_KEYWORD = 79;

  private PngFile() {}

  /**
   * Writes a new file beside the target and moves it there.
   *
   * @param properties keyword to value, written in this order
   * @throws UserError if the file cannot be written
   */
  public static void write(Path target, Picture picture, Map<String, String> properties) {
    byte[] bytes = encode(picture, properties);
    AtomicFile.write(
        target,
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
  }

  /** The whole file in memory. */
  public static byte[] encode(Picture picture, Map<String, String> properties) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(picture.rgb().length / 2 + 1024);
    out.writeBytes(SIGNATURE);
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(picture.width())
            .putInt(picture.height())
            .put((byte) 8) // bits a channel
            .put((byte) 2) // RGB; then deflate, adaptive filters, no interlace: all 0
            .array();
    chunk(out, "IHDR", header);
    properties.forEach((keyword, value) -> text(out, keyword, value));
    chunk(out, "IDAT", deflate(PngFilter.filtered(picture)));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  /**
   * The text chunks of a PNG file, in the file's order.
   *
   * @throws UserError if this is no PNG file or it is cut short
   */
  public static Map<String, String> properties(Path file) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    } catch (IOException failure) {
      throw new UserError("cannot read " + quote(file) + ": " + failure.getMessage(), failure);
    }
    byte[] start = new byte[Math.min(SIGNATURE.length, bytes.remaining())];
    bytes.get(start);
    if (!Arrays.equals(start, SIGNATURE)) {
      throw new UserError(quote(file) + " is not a PNG file");
    }
    Map<String, String> properties = new LinkedHashMap<>();
    while (bytes.remaining() >= 12) {
      int length = bytes.getInt();
      byte[] type = new byte[4];
      bytes.get(type);
      if (length < 0 || length > bytes.remaining() - 4) {
        throw new UserError(quote(file) + " is cut short or damaged");
      }
      byte[] data = new byte[length];
      bytes.get(data).getInt();
      readText(new String(type, StandardCharsets.ISO_8859_1), data, properties);
    }
    return properties;
  }

  private static void text(ByteArrayOutputStream out, String keyword, String value) {
    if (keyword.isEmpty()
        || keyword.length() > LONGEST_KEYWORD
        || !keyword.chars().allMatch(c -> c >= ' ' && c < 127)) {
      throw new IllegalArgumentException("a PNG keyword is 1 to 79 ASCII characters: " + keyword);
    }
    String clean = value.replace('\0', ' ');
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(keyword.getBytes(StandardCharsets.ISO_8859_1));
    data.write(0);
    if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(clean)) {
      data.writeBytes(clean.getBytes(StandardCharsets.ISO_8859_1));
      chunk(out, "tEXt", data.toByteArray());
    } else {
      data.writeBytes(new byte[4]); // not compressed, no language, no translated keyword
      data.writeBytes(clean.getBytes(StandardCharsets.UTF_8));
      chunk(out, "iTXt", data.toByteArray());
    }
  }

  private static void readText(String type, byte[] data, Map<String, String> properties) {
    if (!type.equals("tEXt") && !type.equals("iTXt")) {
      return;
    }
    int end = zero(data, 0);
    String keyword = new String(data, 0, end, StandardCharsets.ISO_8859_1);
    if (type.equals("tEXt")) {
      int from = Math.min(end + 1, data.length);
      properties.put(
          keyword, new String(data, from, data.length - from, StandardCharsets.ISO_8859_1));
      return;
    }
    boolean compressed = end + 1 < data.length && data[end + 1] != 0;
    int from =
        Math.min(zero(data, zero(data, Math.min(end + 3, data.length)) + 1) + 1, data.length);
    if (!compressed) {
      properties.put(keyword, new String(data, from, data.length - from, StandardCharsets.UTF_8));
    }
  }

  /** The index of the first zero byte at or after a place; the length where there is none. */
  private static int zero(byte[] data, int from) {
    int at = from;
    while (at < data.length && data[at] != 0) {
      at++;
    }
    return Math.min(at, data.length);
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    out.writeBytes(name);
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }

  private static byte[] deflate(byte[] data) {
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
      deflater.setInput(data);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(data.length / 2 + 64);
      byte[] part = new byte[8192];
      while (!deflater.finished()) {
        out.write(part, 0, deflater.deflate(part));
      }
      return out.toByteArray();
    }
  }

  private static String quote(Path file) {
    return Printable.quote(file.toString());
  }
}
