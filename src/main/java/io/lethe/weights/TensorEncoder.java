// Converts tensors to their storage type and streams them to a channel.
package io.lethe.weights;

import io.lethe.UserError;
import io.lethe.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Works through one chunk of floats at a time; its buffers are reused for every tensor. */
final class TensorEncoder {
  private static final int CHUNK = 1 << 16;
  private static final long LARGEST_WRITE = 1 << 24;

  private final WritableByteChannel channel;
  private final float[] floats = new float[CHUNK];
  private final short[] halves = new short[CHUNK];
  private final ByteBuffer out = ByteBuffer.allocateDirect(CHUNK * Double.BYTES);
  private final MemorySegment bytes = MemorySegment.ofBuffer(out);

  TensorEncoder(WritableByteChannel channel) {
    this.channel = channel;
  }

  void write(TensorEntry entry) throws IOException {
    if (entry.source() instanceof TensorSource.Bytes raw) {
      writeRaw(raw.bytes());
      return;
    }
    long elements = entry.shape().elements();
    for (long first = 0; first < elements; first += CHUNK) {
      int count = (int) Math.min(CHUNK, elements - first);
      encode(entry, first, count);
      SafeTensorsWriter.writeFully(channel, out.clear().limit(count * entry.dtype().bytes()));
    }
  }

  /** Mapped bytes go to the channel as they are; arrays pass through the buffer. */
  private void writeRaw(MemorySegment source) throws IOException {
    long largest = source.isNative() ? LARGEST_WRITE : bytes.byteSize();
    for (long from = 0; from < source.byteSize(); from += largest) {
      int count = (int) Math.min(largest, source.byteSize() - from);
      if (source.isNative()) {
        SafeTensorsWriter.writeFully(channel, source.asSlice(from, count).asByteBuffer());
      } else {
        MemorySegment.copy(source, from, bytes, 0, count);
        SafeTensorsWriter.writeFully(channel, out.clear().limit(count));
      }
    }
  }

  private void encode(TensorEntry entry, long first, int count) {
    switch (entry.source()) {
      case TensorSource.Floats source ->
          System.arraycopy(source.values(), (int) first, floats, 0, count);
      case TensorSource.Computed source -> source.fill().fill(first, floats, count);
      case TensorSource.Doubles source -> {
        if (entry.dtype() == DType.F64) {
          MemorySegment.copy(source.values(), (int) first, bytes, TensorView.DOUBLE, 0, count);
          return;
        }
        narrow(source.values(), (int) first, count, entry.dtype() == DType.F32);
      }
      case TensorSource.Bytes _ -> throw new AssertionError("raw bytes are not encoded");
    }
    switch (entry.dtype()) {
      case F64 -> {
        for (int i = 0; i < count; i++) {
          bytes.set(TensorView.DOUBLE, 8L * i, floats[i]);
        }
      }
      case F32 -> MemorySegment.copy(floats, 0, bytes, TensorView.FLOAT, 0, count);
      case F16 -> {
        int largest = 0;
        for (int i = 0; i < count; i++) {
          halves[i] = Float.floatToFloat16(floats[i]);
        }
        for (int i = 0; i < count; i++) {
          largest = Math.max(largest, halves[i] & 0x7fff);
        }
        refuseOverflow(entry, first, count, largest >= 0x7c00);
        MemorySegment.copy(halves, 0, bytes, TensorView.SHORT, 0, count);
      }
      default -> {
        int largest = 0;
        for (int i = 0; i < count; i++) {
          halves[i] = Rounding.toBrainFloat(floats[i]);
        }
        for (int i = 0; i < count; i++) {
          largest = Math.max(largest, halves[i] & 0x7fff);
        }
        refuseOverflow(entry, first, count, largest >= 0x7f80);
        MemorySegment.copy(halves, 0, bytes, TensorView.SHORT, 0, count);
      }
    }
  }

  private void narrow(double[] values, int first, int count, boolean toFloat) {
    for (int i = 0; i < count; i++) {
      double value = values[first + i];
      floats[i] = toFloat ? (float) value : Rounding.toOdd(value);
    }
  }

  /** A finite weight must not become infinite on disk; NaN and infinity themselves may pass. */
  private void refuseOverflow(TensorEntry entry, long first, int count, boolean suspicious) {
    for (int i = 0; suspicious && i < count; i++) {
      if (Float.isFinite(floats[i]) && Float.isInfinite(Rounding.round(floats[i], entry.dtype()))) {
        throw new UserError(
            "tensor %s holds %s at index %d, which is too large for %s; write it as F32"
                .formatted(Printable.quote(entry.name()), floats[i], first + i, entry.dtype()));
      }
    }
  }
}
