// Writes safetensors files, streaming, with bytes that depend on the content alone.
package io.lethe.weights;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one file beside the target and moves it there ({@link AtomicFile}).
 *
 * <p>Order is the format's own library's: by type, wide ones first, then by name in bytes. The
 * header is padded with spaces so that the data start at a multiple of 8.
 */
public final class SafeTensorsWriter {
  /** What other readers expect in the metadata of a file of weights. */
  public static final Map<String, String> PYTORCH_FORMAT = Map.of("format", "pt");

  /** From narrow to wide; the last is written first. */
  private static final List<DType> BY_WIDTH =
      List.of(
          DType.BOOL,
          DType.F4,
          DType.F6_E2M3,
          DType.F6_E3M2,
          DType.U8,
          DType.I8,
          DType.F8_E5M2,
          DType.F8_E4M3,
          DType.F8_E8M0,
          DType.F8_E4M3FNUZ,
          DType.F8_E5M2FNUZ,
          DType.I16,
          DType.U16,
          DType.F16,
          DType.BF16,
          DType.I32,
          DType.U32,
          DType.F32,
          DType.C64,
          DType.F64,
          DType.I64,
          DType.U64);

  private static final JsonFactory JSON = new JsonFactory();

  private SafeTensorsWriter() {}

  /**
   * Writes the tensors with the metadata {@link #PYTORCH_FORMAT}.
   *
   * @throws UserError as {@link #write(Path, List, Map)}
   */
  public static void write(Path target, List<TensorEntry> entries) {
    write(target, entries, PYTORCH_FORMAT);
  }

  /**
   * Writes the tensors and the metadata, sorted, to a new file that replaces the target at the end.
   *
   * @throws UserError if the file cannot be written, or a finite value overflows its type
   * @throws LetheException if two entries have one name
   */
  public static void write(Path target, List<TensorEntry> entries, Map<String, String> metadata) {
    List<TensorEntry> sorted = entries.stream().sorted(order()).toList();
    write(target, sorted, sorted, new TreeMap<>(metadata));
  }

  /** As above, with the orders of the header, the data and the metadata kept as given. */
  static void write(
      Path target,
      List<TensorEntry> headerOrder,
      List<TensorEntry> dataOrder,
      Map<String, String> metadata) {
    AtomicFile.write(target, channel -> stream(channel, headerOrder, dataOrder, metadata));
  }

  static void stream(
      WritableByteChannel channel,
      List<TensorEntry> headerOrder,
      List<TensorEntry> dataOrder,
      Map<String, String> metadata)
      throws IOException {
    byte[] header = header(headerOrder, dataOrder, metadata);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(channel, start.putLong(header.length).put(header).flip());
    TensorEncoder encoder = new TensorEncoder(channel);
    for (TensorEntry entry : dataOrder) {
      encoder.write(entry);
    }
  }

  static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static Comparator<TensorEntry> order() {
    return Comparator.<TensorEntry>comparingInt(entry -> -BY_WIDTH.indexOf(entry.dtype()))
        .thenComparing(
            entry -> entry.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);
  }

  private static byte[] header(
      List<TensorEntry> headerOrder, List<TensorEntry> dataOrder, Map<String, String> metadata) {
    Map<TensorEntry, Long> begins = new IdentityHashMap<>();
    long end = 0;
    for (TensorEntry entry : dataOrder) {
      begins.put(entry, end);
      end = Math.addExact(end, entry.byteSize());
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectPropertyStart("__metadata__");
        metadata.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      Set<String> names = new HashSet<>(Set.of("__metadata__"));
      for (TensorEntry entry : headerOrder) {
        if (!names.add(entry.name())) {
          throw new LetheException(
              "two tensors of one file would be named " + Printable.quote(entry.name()));
        }
        writeEntry(json, entry, begins.get(entry));
      }
      json.writeEndObject();
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(bytes.length, 8) * 8;
    byte[] header = Arrays.copyOf(bytes, padded);
    Arrays.fill(header, bytes.length, padded, (byte) ' ');
    return header;
  }

  private static void writeEntry(JsonGenerator json, TensorEntry entry, long begin) {
    json.writeObjectPropertyStart(entry.name());
    json.writeStringProperty("dtype", entry.dtype().name());
    json.writeArrayPropertyStart("shape");
    for (long extent : entry.shape().extents()) {
      json.writeNumber(extent);
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("data_offsets");
    json.writeNumber(begin);
    json.writeNumber(begin + entry.byteSize());
    json.writeEndArray();
    json.writeEndObject();
  }
}
