// Contexts on disk save time, and never change or lose anything.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.cpu.Cpu;
import io.lethe.tensor.DType;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContextStoreTest {
  private static final List<String> WORDS = List.of("lion", "owl", "tiger face", "");
  private static final float[][] PROBE = {{1, 2, 3}, {4, 5, 6}};

  private static DiffusionModel model;
  private static Cpu backend;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    model = DiffusionModel.open(Path.of("src/main/models/emoji-sd"), DType.F32);
    backend = new Cpu(1);
  }

  @AfterAll
  static void close() {
    model.close();
    backend.close();
  }

  private TextContexts stored() {
    return new TextContexts(
        backend,
        model.tokenizer(),
        model.textEncoder(),
        () -> Optional.of(ContextStore.in(folder, model, backend)),
        1);
  }

  private Path file() {
    return ContextStore.in(folder, model, backend).file();
  }

  private static IntBuffer text(int... ids) {
    return IntBuffer.wrap(ids);
  }

  private static void assertSameAsUnstored(TextContexts contexts, ContextReach reach) {
    TextContexts plain = new TextContexts(backend, model.tokenizer(), model.textEncoder());
    contexts.prepare(WORDS, reach);
    for (String word : WORDS) {
      assertArrayEquals(plain.rows(word, reach), contexts.rows(word, reach), word + " " + reach);
    }
    assertEquals(List.of(), contexts.notes());
  }

  @Test
  void theSameBytesWithAndWithout() throws IOException {
    for (ContextReach reach : List.of(ContextReach.END, ContextReach.CONTENT, ContextReach.WHOLE)) {
      assertSameAsUnstored(stored(), reach);
      byte[] written = Files.readAllBytes(file());
      assertSameAsUnstored(stored(), reach);
      assertArrayEquals(written, Files.readAllBytes(file()), "a run that finds all writes nothing");
    }
  }

  @Test
  void whatIsFoundIsNotEncodedAgain() {
    ContextStore store = new ContextStore(folder.resolve("c/contexts-x.safetensors"));
    Map<IntBuffer, float[]> two =
        Map.of(text(7, 8, 9, 9), new float[] {1, 2, 3, 4, 5, 6}, text(7, 9, 9, 9), new float[3]);
    store.add(two, 4, PROBE);
    Map<IntBuffer, float[]> found =
        store.read(Map.of(text(7, 8, 9, 9), 1, text(7, 9, 9, 9), 2, text(7, 7, 7, 7), 1), 4, PROBE);
    assertEquals(1, found.size(), "one is there, one too short, one unknown");
    assertArrayEquals(new float[] {1, 2, 3}, found.get(text(7, 8, 9, 9)));
    // A longer text takes the place of the shorter, a shorter one does not.
    store.add(
        Map.of(text(7, 9, 9, 9), new float[] {1, 1, 1, 2, 2, 2}, text(7, 8, 9, 9), new float[3]),
        4,
        PROBE);
    found = store.read(Map.of(text(7, 8, 9, 9), 2, text(7, 9, 9, 9), 2), 4, PROBE);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, found.get(text(7, 8, 9, 9)));
    assertArrayEquals(new float[] {1, 1, 1, 2, 2, 2}, found.get(text(7, 9, 9, 9)));
  }

  @Test
  void otherKernelsContextsAreNotBelieved() {
    ContextStore store = new ContextStore(folder.resolve("contexts-x.safetensors"));
    store.add(Map.of(text(7, 8), new float[] {1, 2, 3}), 2, PROBE);
    float[][] other = {{1, 2, 3}, {4, 5, Math.nextUp(6f)}};
    assertEquals(Map.of(), store.read(Map.of(text(7, 8), 1), 2, other));
    store.add(Map.of(text(7, 7), new float[] {6, 6, 6}), 2, other);
    assertEquals(Map.of(), store.read(Map.of(text(7, 8), 1), 2, other), "nothing old stays");
    assertEquals(1, store.read(Map.of(text(7, 7), 1), 2, other).size());
  }

  @Test
  void aDamagedTextIsEncodedAgain() throws IOException {
    assertSameAsUnstored(stored(), ContextReach.END);
    byte[] whole = Files.readAllBytes(file());
    int header =
        8 + (int) java.nio.ByteBuffer.wrap(whole).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    for (int i = header + 2; i < whole.length; i += whole.length / 97) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 64;
      Files.write(file(), damaged);
      assertSameAsUnstored(stored(), ContextReach.END);
    }
  }

  @Test
  void aFileThatIsNoneIsReplaced() throws IOException {
    assertSameAsUnstored(stored(), ContextReach.END);
    byte[] whole = Files.readAllBytes(file());
    List<byte[]> files = new ArrayList<>();
    files.add(new byte[0]);
    files.add(java.util.Arrays.copyOf(whole, whole.length / 2));
    try (Stream<Path> hostile = Files.list(Golden.path("hostile"))) {
      for (Path path : hostile.filter(p -> p.toString().endsWith(".safetensors")).toList()) {
        files.add(Files.readAllBytes(path));
      }
    }
    assertTrue(files.size() > 30);
    for (byte[] bad : files) {
      Files.write(file(), bad);
      assertSameAsUnstored(stored(), ContextReach.END);
      assertArrayEquals(whole, Files.readAllBytes(file()));
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsNotedAndNoMore() throws IOException {
    Files.writeString(folder.resolve("contexts"), "a file where the folder should be");
    TextContexts contexts = stored();
    contexts.prepare(WORDS, ContextReach.END);
    TextContexts plain = new TextContexts(backend, model.tokenizer(), model.textEncoder());
    for (String word : WORDS) {
      assertArrayEquals(plain.get(word), contexts.get(word));
    }
    assertFalse(contexts.notes().isEmpty());
    assertTrue(contexts.notes().getFirst().contains("contexts"), "" + contexts.notes());
  }

  @Test
  void limitsHoldAndTheNewestStays() throws IOException {
    Path path = folder.resolve("contexts-x.safetensors");
    ContextStore store = new ContextStore(path, 4 * 40, 4 * 100);
    for (int i = 0; i < 20; i++) {
      store.add(Map.of(text(7, i), new float[] {i, i, i}), 2, PROBE);
      assertEquals(1, store.read(Map.of(text(7, i), 1), 2, PROBE).size());
    }
    assertEquals(Map.of(), store.read(Map.of(text(7, 0), 1), 2, PROBE), "the oldest had to go");
    assertEquals(1, store.read(Map.of(text(7, 18), 1), 2, PROBE).size());

    Path stale = folder.resolve("contexts-a.safetensors");
    Path foreign = folder.resolve("notes.safetensors");
    Files.write(stale, new byte[1000]);
    Files.write(foreign, new byte[1000]);
    Files.setLastModifiedTime(stale, FileTime.fromMillis(0));
    store.add(Map.of(text(7, 99), new float[3]), 2, PROBE);
    assertFalse(Files.exists(stale), "longest without use");
    assertTrue(Files.exists(foreign), "not ours to delete");
  }

  @Test
  void severalAtOnceLeaveAValidFile() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int own = t;
        runs.add(
            threads.submit(() -> {
              ContextStore store = new ContextStore(folder.resolve("contexts-x.safetensors"));
              for (int i = 0; i < 25; i++) {
                store.add(Map.of(text(own, i), new float[] {own, i, 0}), 2, PROBE);
                for (float[] states : store.read(Map.of(text(own, i), 1), 2, PROBE).values()) {
                  assertArrayEquals(new float[] {own, i, 0}, states);
                }
              }
              return null;
            }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
    ContextStore store = new ContextStore(folder.resolve("contexts-x.safetensors"));
    store.add(Map.of(text(9, 9), new float[3]), 2, PROBE);
    assertEquals(1, store.read(Map.of(text(9, 9), 1), 2, PROBE).size());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing half written stays");
    }
  }

  @Test
  void anotherEncoderHasAnotherFile() {
    assertNotEquals(
        file(), new ContextStore(file().resolveSibling("contexts-other.safetensors")).file());
    assertTrue(file().getFileName().toString().endsWith(backend.name() + ".safetensors"));
  }
}
