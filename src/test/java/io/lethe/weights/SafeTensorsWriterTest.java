// What the writer writes reads back exactly, has the library's own bytes, and never harms a file.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsWriterTest {
  @TempDir Path folder;

  @Test
  void theLibrarysOwnFilesAreReproducedToTheByte() throws IOException {
    List<Path> files =
        List.of(
            TestFiles.bundled("emoji-sd/unet/diffusion_pytorch_model.safetensors"),
            TestFiles.bundled("emoji-clip/model.safetensors"),
            TestFiles.golden("rng.safetensors"));
    for (Path original : files) {
      Path copy = folder.resolve("copy.safetensors");
      try (Arena arena = Arena.ofConfined()) {
        SafeTensorsFile file = SafeTensorsFile.open(original, arena);
        List<TensorEntry> shuffled =
            new ArrayList<>(file.tensors().values().stream().map(TensorEntry::of).toList());
        Collections.reverse(shuffled);
        SafeTensorsWriter.write(copy, shuffled, file.metadata());
      }
      assertEquals(-1, Files.mismatch(original, copy), original.toString());
    }
  }

  @Test
  void everyTypeAndSourceReadsBack() {
    float[] floats = {0, -0f, 1, -2.5f, 65504, 0x1p-24f, Float.POSITIVE_INFINITY};
    double[] doubles = {Math.PI, -1e300, 0x1p-1074, 1, 0, 2, 3};
    long[] longs = {Long.MIN_VALUE, -1, 0, 49407, Long.MAX_VALUE};
    Shape seven = Shape.of(7);
    List<TensorEntry> entries =
        List.of(
            TensorEntry.of("f32", DType.F32, seven, floats),
            TensorEntry.of("f16", DType.F16, seven, floats),
            TensorEntry.of("wide", DType.F64, seven, floats),
            TensorEntry.of("f64", DType.F64, Shape.of(1, 7), doubles),
            TensorEntry.of("scalar", DType.BF16, Shape.of(), new float[] {-1.5f}),
            TensorEntry.of("empty", DType.F32, Shape.of(3, 0), new float[0]),
            new TensorEntry(
                "i64",
                DType.I64,
                Shape.of(5),
                new TensorSource.Bytes(MemorySegment.ofArray(longs))),
            new TensorEntry(
                "long",
                DType.F32,
                Shape.of(100_003),
                new TensorSource.Computed((first, target, count) -> {
                  for (int i = 0; i < count; i++) {
                    target[i] = first + i;
                  }
                })));
    Path path = folder.resolve("types.safetensors");
    SafeTensorsWriter.write(path, entries);
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile file = SafeTensorsFile.open(path, arena);
      assertEquals(Map.of("format", "pt"), file.metadata());
      assertArrayEquals(floats, file.tensor("f32").toFloats());
      assertArrayEquals(floats, file.tensor("f16").toFloats());
      assertArrayEquals(floats, file.tensor("wide").toFloats());
      assertArrayEquals(doubles, file.tensor("f64").toDoubles());
      assertEquals(Shape.of(1, 7), file.tensor("f64").shape());
      assertEquals(-1.5f, file.tensor("scalar").toFloats()[0]);
      assertEquals(0, file.tensor("empty").toFloats().length);
      assertArrayEquals(longs, file.tensor("i64").toLongs());
      float[] run = new float[12];
      file.tensor("long").readFloats(99_990, run, 2, 10);
      assertEquals(99_999f, run[11]);
      assertEquals(100_002, file.tensor("long").toDoubles()[100_002]);
      assertThrows(SafeTensorsException.class, () -> file.tensor("i64").toFloats());
      assertThrows(SafeTensorsException.class, () -> file.tensor("f32").toLongs());
      assertThrows(SafeTensorsException.class, () -> file.tensor("absent"));
      assertEquals(6, file.tensor("f32").firstNotFinite());
      assertEquals(-1, file.tensor("long").firstNotFinite());
      for (TensorView view : file.tensors().values()) {
        assertEquals(0, view.offset() % view.dtype().bytes(), view.name() + " is aligned");
      }
    }
  }

  @Test
  void bytesDoNotDependOnTheOrderOfEntriesOrMetadata() throws IOException {
    TensorEntry a = TensorEntry.of("a", DType.F16, Shape.of(3), new float[] {1, 2, 3});
    TensorEntry b = TensorEntry.of("b", DType.F32, Shape.of(2), new float[] {4, 5});
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    SafeTensorsWriter.write(one, List.of(a, b), Map.of("x", "1", "y", "2", "z", "3"));
    SafeTensorsWriter.write(other, List.of(b, a), Map.of("z", "3", "y", "2", "x", "1"));
    assertEquals(-1, Files.mismatch(one, other));
    assertEquals(0, (8 + Files.readAllBytes(one)[0]) % 8);
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    Path target = Files.writeString(folder.resolve("model.safetensors"), "old");
    List<TensorEntry> entries =
        List.of(TensorEntry.of("w", DType.F32, Shape.of(1000), new float[1000]));
    UserError failure =
        assertThrows(
            UserError.class,
            () ->
                AtomicFile.write(
                    target,
                    channel ->
                        SafeTensorsWriter.stream(
                            new FullDisk(channel, 2000), entries, entries, Map.of())));
    assertTrue(failure.getMessage().contains("model.safetensors"), failure.getMessage());
    assertTrue(failure.getMessage().contains("No space left on device"), failure.getMessage());
    assertOnlyOldFile(target);
  }

  @Test
  void aFailingSourceLeavesTheOldFileAndNothingElse() throws IOException {
    Path target = Files.writeString(folder.resolve("model.safetensors"), "old");
    TensorSource failing =
        new TensorSource.Computed((first, chunk, count) -> {
          throw new IllegalStateException("source");
        });
    TensorEntry entry = new TensorEntry("w", DType.F32, Shape.of(5), failing);
    assertThrows(
        IllegalStateException.class, () -> SafeTensorsWriter.write(target, List.of(entry)));
    assertOnlyOldFile(target);
  }

  @Test
  void aReplacedFileStaysReadableToWhoMappedIt() {
    Path target = folder.resolve("mapped.safetensors");
    SafeTensorsWriter.write(
        target, List.of(TensorEntry.of("w", DType.F32, Shape.of(4096), filled(4096, 1))));
    try (Arena arena = Arena.ofConfined()) {
      TensorView old = SafeTensorsFile.open(target, arena).tensor("w");
      SafeTensorsWriter.write(
          target, List.of(TensorEntry.of("w", DType.F32, Shape.of(1), filled(1, 2))));
      assertArrayEquals(filled(4096, 1), old.toFloats());
      assertArrayEquals(filled(1, 2), SafeTensorsFile.open(target, arena).tensor("w").toFloats());
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileCutShortWhileMappedIsRefused() throws IOException {
    Path target = folder.resolve("shrinking.safetensors");
    SafeTensorsWriter.write(
        target, List.of(TensorEntry.of("w", DType.F32, Shape.of(1 << 16), filled(1 << 16, 1))));
    try (Arena arena = Arena.ofConfined()) {
      TensorView view = SafeTensorsFile.open(target, arena).tensor("w");
      try (FileChannel vandal = FileChannel.open(target, StandardOpenOption.WRITE)) {
        vandal.truncate(4096);
      }
      assertThrows(SafeTensorsException.class, view::toFloats);
      assertThrows(SafeTensorsException.class, view::toDoubles);
    }
  }

  @Test
  void unwritablePlacesAreNamed() throws IOException {
    TensorEntry entry = TensorEntry.of("w", DType.F32, Shape.of(1), new float[1]);
    Path missing = folder.resolve("no/such/folder/w.safetensors");
    UserError failure =
        assertThrows(UserError.class, () -> SafeTensorsWriter.write(missing, List.of(entry)));
    assertTrue(failure.getMessage().contains("no such file or folder"), failure.getMessage());
    Path occupied = Files.createDirectories(folder.resolve("occupied"));
    assertThrows(UserError.class, () -> SafeTensorsWriter.write(occupied, List.of(entry)));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(occupied), left.toList());
    }
  }

  @Test
  void aFiniteValueThatOverflowsItsTypeIsRefused() {
    Path target = folder.resolve("overflow");
    List<TensorEntry> entries =
        List.of(TensorEntry.of("w", DType.F16, Shape.of(3), new float[] {1, 65520, 2}));
    UserError failure =
        assertThrows(UserError.class, () -> SafeTensorsWriter.write(target, entries));
    assertTrue(failure.getMessage().contains("\"w\" holds 65520.0 at index 1"));
  }

  @Test
  void wrongSizesTypesAndNamesAreRefused() {
    assertThrows(
        LetheException.class, () -> TensorEntry.of("w", DType.F32, Shape.of(2), new float[3]));
    assertThrows(
        LetheException.class, () -> TensorEntry.of("w", DType.I64, Shape.of(2), new float[2]));
    TensorEntry entry = TensorEntry.of("w", DType.F32, Shape.of(1), new float[1]);
    TensorEntry reserved = TensorEntry.of("__metadata__", DType.F32, Shape.of(1), new float[1]);
    Path target = folder.resolve("twice");
    assertThrows(
        LetheException.class, () -> SafeTensorsWriter.write(target, List.of(entry, entry)));
    assertThrows(LetheException.class, () -> SafeTensorsWriter.write(target, List.of(reserved)));
  }

  private void assertOnlyOldFile(Path target) throws IOException {
    assertEquals("old", Files.readString(target));
    try (var left = Files.list(folder)) {
      assertEquals(List.of(target), left.toList());
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  /** Takes so many bytes, then fails as a full disk does. */
  private static final class FullDisk implements WritableByteChannel {
    private final WritableByteChannel disk;
    private int left;

    FullDisk(WritableByteChannel disk, int left) {
      this.disk = disk;
      this.left = left;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (left == 0) {
        throw new IOException("No space left on device");
      }
      ByteBuffer part = source.slice().limit(Math.min(left, source.remaining()));
      int written = disk.write(part);
      source.position(source.position() + written);
      left -= written;
      return written;
    }

    @Override
    public boolean isOpen() {
      return disk.isOpen();
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }
}
