// One safetensors file, memory-mapped.
package io.lethe.weights;

import io.lethe.UserError;
import io.lethe.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tensors of one file, as slices of a read-only mapping that lives as long as the arena.
 *
 * <p>Layout: 8 bytes N, little-endian; N bytes of JSON header; the tensors' data, row-major and
 * little-endian, without gaps. The header is checked whole before anything is mapped.
 */
public final class SafeTensorsFile {
  private final Path path;
  private final Map<String, TensorView> tensors;
  private final Map<String, String> metadata;

  private SafeTensorsFile(
      Path path, Map<String, TensorView> tensors, Map<String, String> metadata) {
    this.path = path;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Checks the header and maps the data.
   *
   * @param arena owns the mapping; views are readable until it closes
   * @throws SafeTensorsException if the file breaks a rule of the format
   * @throws UserError if there is no such file or it cannot be read
   */
  public static SafeTensorsFile open(Path path, Arena arena) {
    if (!Files.exists(path)) {
      throw new UserError("there is no file " + Printable.quote(path.toString()));
    }
    if (!Files.isRegularFile(path)) {
      throw new UserError(Printable.quote(path.toString()) + " is not a regular file");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      byte[] header = readHeader(path, channel, size);
      long start = 8 + (long) header.length;
      SafeTensorsHeader parsed = SafeTensorsHeader.parse(path, header, size - start);
      MemorySegment data =
          size == start
              ? MemorySegment.NULL
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena).asSlice(start);
      Map<String, TensorView> views = new LinkedHashMap<>();
      for (SafeTensorsHeader.Entry entry : parsed.entries().values()) {
        MemorySegment bytes = data.asSlice(entry.begin(), entry.end() - entry.begin());
        Shape shape = entry.shape();
        views.put(
            entry.name(),
            new TensorView(entry.name(), entry.dtype(), shape, bytes, path, start + entry.begin()));
      }
      return new SafeTensorsFile(path, views, parsed.metadata());
    } catch (IOException failure) {
      throw Failure.reading(path, failure);
    }
  }

  /** The file's path, as it was given. */
  public Path path() {
    return path;
  }

  /** Every tensor by its own name, in the header's order. */
  public Map<String, TensorView> tensors() {
    return tensors;
  }

  /** The tensor of this name. @throws SafeTensorsException if the file has none */
  public TensorView tensor(String name) {
    TensorView view = tensors.get(name);
    if (view == null) {
      throw new SafeTensorsException(path, name, -1, "the file has no such tensor");
    }
    return view;
  }

  /** The file's {@code __metadata__}, in the header's order; empty if it has none. */
  public Map<String, String> metadata() {
    return metadata;
  }

  private static byte[] readHeader(Path path, FileChannel channel, long size) throws IOException {
    if (size < 8) {
      throw new SafeTensorsException(
          path, null, size, "the file has " + size + " bytes; a header takes at least 8");
    }
    long length = readFully(path, channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (length < 0 || length > SafeTensorsHeader.LONGEST) {
      throw new SafeTensorsException(
          path,
          null,
          0,
          "the header claims %s bytes, over the limit of %d"
              .formatted(Long.toUnsignedString(length), SafeTensorsHeader.LONGEST));
    }
    if (length > size - 8) {
      throw new SafeTensorsException(
          path,
          null,
          0,
          "the header claims %d bytes, but only %d follow; the file is cut short"
              .formatted(length, size - 8));
    }
    return readFully(path, channel, 8, (int) length).array();
  }

  private static ByteBuffer readFully(Path path, FileChannel channel, long from, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new SafeTensorsException(
            path, null, from + buffer.position(), "the file became shorter while it was read");
      }
    }
    return buffer;
  }
}
