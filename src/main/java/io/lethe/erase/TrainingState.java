// Everything that the next training step depends on, by name, so that a run can be continued to the
// same bytes.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import io.lethe.weights.TensorSource;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Named arrays of floats, doubles, whole numbers and bytes, stored as one safetensors file. */
public final class TrainingState {
  private static final String FINGERPRINT = "lethe.fingerprint";

  private final Map<String, Object> arrays = new LinkedHashMap<>();

  public void putFloats(String name, float[] values) {
    arrays.put(name, values);
  }

  public void putDoubles(String name, double[] values) {
    arrays.put(name, values);
  }

  public void putLongs(String name, long... values) {
    arrays.put(name, values);
  }

  public void putBytes(String name, byte[] values) {
    arrays.put(name, values);
  }

  public float[] floats(String name) {
    return (float[]) arrays.get(name);
  }

  public double[] doubles(String name) {
    return (double[]) arrays.get(name);
  }

  public long[] longs(String name) {
    return (long[]) arrays.get(name);
  }

  public byte[] bytes(String name) {
    return (byte[]) arrays.get(name);
  }

  public boolean has(String name) {
    return arrays.containsKey(name);
  }

  /** The rest of every name that starts with this prefix. */
  public List<String> names(String prefix) {
    List<String> found = new ArrayList<>();
    for (String name : arrays.keySet()) {
      if (name.startsWith(prefix)) {
        found.add(name.substring(prefix.length()));
      }
    }
    return found;
  }

  /** Copies saved floats into a live array of the same length. */
  public void restore(String name, float[] target) {
    float[] saved = floats(name);
    if (saved == null || saved.length != target.length) {
      throw new UserError(
          "the checkpoint has no '" + name + "' of " + target.length + " numbers; start anew");
    }
    System.arraycopy(saved, 0, target, 0, saved.length);
  }

  /** Writes beside, then moves. @param fingerprint of the run's settings, checked when reading */
  public void write(Path file, String fingerprint) {
    List<TensorEntry> entries = new ArrayList<>();
    for (Map.Entry<String, Object> entry : arrays.entrySet()) {
      entries.add(entry(entry.getKey(), entry.getValue()));
    }
    SafeTensorsWriter.write(file, entries, Map.of(FINGERPRINT, fingerprint));
  }

  private static TensorEntry entry(String name, Object array) {
    return switch (array) {
      case float[] floats -> TensorEntry.of(name, DType.F32, Shape.of(floats.length), floats);
      case double[] doubles -> TensorEntry.of(name, DType.F64, Shape.of(doubles.length), doubles);
      case byte[] bytes ->
          new TensorEntry(
              name,
              DType.U8,
              Shape.of(bytes.length),
              new TensorSource.Bytes(MemorySegment.ofArray(bytes)));
      case long[] longs -> {
        MemorySegment segment = Arena.ofAuto().allocate(8L * longs.length + 8, 8);
        ValueLayout.OfLong little = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
        MemorySegment.copy(longs, 0, segment, little, 0, longs.length);
        yield new TensorEntry(
            name,
            DType.I64,
            Shape.of(longs.length),
            new TensorSource.Bytes(segment.asSlice(0, 8L * longs.length)));
      }
      default -> throw new IllegalStateException("unknown array " + array.getClass());
    };
  }

  /** Reads a checkpoint. @throws UserError when it belongs to a run with other settings */
  public static TrainingState read(Path file, String fingerprint) {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile stored = SafeTensorsFile.open(file, arena);
      if (!fingerprint.equals(stored.metadata().get(FINGERPRINT))) {
        throw new UserError(
            file
                + " belongs to a run with other settings; give the same options to --resume, or"
                + " another --out");
      }
      TrainingState state = new TrainingState();
      for (TensorView view : stored.tensors().values()) {
        switch (view.dtype()) {
          case F32 -> state.putFloats(view.name(), view.toFloats());
          case F64 -> state.putDoubles(view.name(), view.toDoubles());
          case I64 -> state.putLongs(view.name(), view.toLongs());
          default -> state.putBytes(view.name(), view.bytes().toArray(ValueLayout.JAVA_BYTE));
        }
      }
      return state;
    }
  }
}
