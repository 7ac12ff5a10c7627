// Contexts kept on disk between runs, for one text encoder.
package io.lethe.diffusion;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.CacheFolder;
import io.lethe.weights.ContentHash;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.SafeTensorsWriter;
import io.lethe.weights.TensorEntry;
import io.lethe.weights.TensorSource;
import io.lethe.weights.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * One safetensors file by text encoder and backend: {@code ids [n, tokens]} of whole texts, how
 * many {@code rows [n]} of each are there, their {@code states [sum of rows, width]} with CRC-32C
 * {@code sums [n]}, and a {@code probe}: the rows of a fixed text. The file is believed only where
 * the probe is, to the bit, what the encoder gives now, so that runs with and without it give the
 * same bytes, whatever kernels wrote it. A file that is damaged, foreign or outdated counts as
 * none, and a text whose sum is not right as absent.
 *
 * <p>Files are replaced whole and atomically. Of two processes that add at the same time one's
 * additions are lost, and made again when they are next needed.
 */
final class ContextStore {
  private static final String PREFIX = "contexts-";
  private static final String SUFFIX = ".safetensors";
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** One file, and all of them, grow no larger. */
  private static final long LARGEST_FILE = 1L << 30;

  private static final long LARGEST_FOLDER = 2L << 30;

  private final Path file;
  private final long largestFile;
  private final long largestFolder;

  /** A store in this file, with the limits of the user's cache. */
  ContextStore(Path file) {
    this(file, LARGEST_FILE, LARGEST_FOLDER);
  }

  ContextStore(Path file, long largestFile, long largestFolder) {
    this.file = file;
    this.largestFile = largestFile;
    this.largestFolder = largestFolder;
  }

  /** The store in the user's cache folder for a model's own text encoder, if there is to be one. */
  static Optional<ContextStore> ofUser(DiffusionModel model, Backend backend) {
    return CacheFolder.ofUser().map(folder -> in(folder, model, backend));
  }

  /** The store in this cache folder for a model's own text encoder. Reads the encoder's files. */
  static ContextStore in(Path folder, DiffusionModel model, Backend backend) {
    Map<String, Path> encoder = new TreeMap<>(model.folder().files());
    encoder.keySet().removeIf(name -> !name.startsWith("text_encoder/"));
    if (encoder.isEmpty()) {
      throw new LetheException(model.folder().path() + " has no files of a text encoder");
    }
    String name = PREFIX + ContentHash.of(encoder) + "-" + backend.name() + SUFFIX;
    return new ContextStore(folder.resolve("contexts").resolve(name));
  }

  Path file() {
    return file;
  }

  /**
   * The contexts among those that are wanted that the file has, as far as they are wanted.
   *
   * @param wanted rows by whole text
   * @param probe the rows {@code [n, width]} that the probe must have
   */
  Map<IntBuffer, float[]> read(Map<IntBuffer, Integer> wanted, int tokens, float[][] probe) {
    Map<IntBuffer, float[]> found = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      for (Entry entry : entries(arena, tokens, probe)) {
        Integer rows = wanted.get(entry.ids());
        if (rows != null && rows <= entry.rows()) {
          float[] states = entry.values();
          if (sum(entry.ids(), states) == entry.sum() && isFinite(states)) {
            found.put(entry.ids(), Arrays.copyOf(states, rows * entry.width()));
          }
        }
      }
    } catch (UserError shrunk) {
      return Map.of(); // cut short while it was read
    }
    if (!found.isEmpty()) {
      touch();
    }
    return found;
  }

  /**
   * Adds contexts, longer ones in the place of shorter ones of the same text. What was there before
   * stays as far as there is room.
   *
   * @throws UserError if the file cannot be written; the old one is then unharmed
   */
  void add(Map<IntBuffer, float[]> contexts, int tokens, float[][] probe) {
    int width = probe[0].length;
    try (Arena arena = Arena.ofConfined()) {
      List<Entry> kept = new ArrayList<>();
      Set<IntBuffer> seen = new HashSet<>();
      long bytes = 0;
      Map<IntBuffer, Entry> old = new LinkedHashMap<>();
      entries(arena, tokens, probe).forEach(entry -> old.put(entry.ids(), entry));
      List<Entry> candidates = new ArrayList<>();
      contexts.forEach((ids, states) -> {
        Entry before = old.get(ids);
        int rows = states.length / width;
        candidates.add(
            before != null && before.rows() > rows
                ? before
                : new Entry(ids, rows, width, sum(ids, states), states, null, 0));
      });
      candidates.addAll(old.values());
      for (Entry entry : candidates) {
        long size = 4L * (tokens + 2 + (long) entry.rows() * width);
        if (seen.add(entry.ids()) && bytes + size <= largestFile) {
          kept.add(entry);
          bytes += size;
        }
      }
      makeRoom(bytes);
      write(kept, tokens, probe);
    }
  }

  /** A text of the file or a new one: its rows are in an array, or from a row on in a tensor. */
  private record Entry(
      IntBuffer ids,
      int rows,
      int width,
      int sum,
      float[] array,
      TensorView states,
      long firstRow) {
    float[] values() {
      float[] values = new float[rows * width];
      read(0, values, 0, values.length);
      return values;
    }

    void read(long from, float[] target, int at, int count) {
      if (array != null) {
        System.arraycopy(array, (int) from, target, at, count);
      } else {
        states.readFloats(firstRow * width + from, target, at, count);
      }
    }
  }

  private static int sum(IntBuffer ids, float[] states) {
    ByteBuffer bytes =
        ByteBuffer.allocate((ids.limit() + states.length) * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(ids.duplicate());
    bytes.position(ids.limit() * Integer.BYTES).asFloatBuffer().put(states);
    CRC32C sum = new CRC32C();
    sum.update(bytes.rewind());
    return (int) sum.getValue();
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** What the file holds; nothing if it is not there or not to be believed. */
  private List<Entry> entries(Arena arena, int tokens, float[][] probe) {
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try {
      return read(SafeTensorsFile.open(file, arena), tokens, probe);
    } catch (UserError unreadable) {
      return List.of(); // a cache that cannot be read is an empty one
    }
  }

  private List<Entry> read(SafeTensorsFile stored, int tokens, float[][] probe) {
    int width = probe[0].length;
    TensorView ids = tensor(stored, "ids", DType.I32, 2);
    TensorView rows = tensor(stored, "rows", DType.I32, 1);
    TensorView sums = tensor(stored, "sums", DType.I32, 1);
    TensorView states = tensor(stored, "states", DType.F32, 2);
    TensorView stamp = tensor(stored, "probe", DType.F32, 2);
    int count = rows.shape().dim(0);
    if (!ids.shape().equals(Shape.of(count, tokens))
        || !sums.shape().equals(rows.shape())
        || states.shape().dim(1) != width
        || !stamp.shape().equals(Shape.of(probe.length, width))) {
      throw mistake("rows", "does not fit the other tensors");
    }
    for (int i = 0; i < probe.length; i++) {
      float[] row = new float[width];
      stamp.readFloats((long) i * width, row, 0, width);
      if (!Arrays.equals(row, probe[i])) {
        return List.of();
      }
    }
    long[] allIds = ids.toLongs();
    long[] counts = rows.toLongs();
    long[] allSums = sums.toLongs();
    List<Entry> entries = new ArrayList<>();
    long first = 0;
    for (int n = 0; n < count; n++) {
      if (counts[n] < 1 || counts[n] > tokens) {
        throw mistake("rows", "has a text of " + counts[n] + " rows");
      }
      int[] text = new int[tokens];
      for (int t = 0; t < tokens; t++) {
        text[t] = (int) allIds[n * tokens + t];
      }
      IntBuffer key = IntBuffer.wrap(text);
      int height = (int) counts[n];
      entries.add(new Entry(key, height, width, (int) allSums[n], null, states, first));
      first += counts[n];
    }
    if (first != states.shape().dim(0)) {
      throw mistake("states", "has " + states.shape().dim(0) + " rows instead of " + first);
    }
    return entries;
  }

  private TensorView tensor(SafeTensorsFile stored, String name, DType dtype, int rank) {
    TensorView view = stored.tensor(name);
    if (view.dtype() != dtype || view.shape().rank() != rank) {
      throw mistake(name, "is " + view.dtype() + " " + view.shape());
    }
    return view;
  }

  private UserError mistake(String tensor, String what) {
    return new UserError(file + ": tensor '" + tensor + "' " + what);
  }

  private void write(List<Entry> entries, int tokens, float[][] probe) {
    int width = probe[0].length;
    MemorySegment ids = MemorySegment.ofArray(new byte[entries.size() * tokens * Integer.BYTES]);
    MemorySegment counts = MemorySegment.ofArray(new byte[entries.size() * Integer.BYTES]);
    MemorySegment sums = MemorySegment.ofArray(new byte[entries.size() * Integer.BYTES]);
    long[] firsts = new long[entries.size() + 1];
    for (int n = 0; n < entries.size(); n++) {
      Entry entry = entries.get(n);
      for (int t = 0; t < tokens; t++) {
        ids.set(INT, (n * (long) tokens + t) * Integer.BYTES, entry.ids().get(t));
      }
      counts.set(INT, n * (long) Integer.BYTES, entry.rows());
      sums.set(INT, n * (long) Integer.BYTES, entry.sum());
      firsts[n + 1] = firsts[n] + entry.rows();
    }
    float[] stamp = new float[probe.length * width];
    for (int i = 0; i < probe.length; i++) {
      System.arraycopy(probe[i], 0, stamp, i * width, width);
    }
    SafeTensorsWriter.write(
        file,
        List.of(
            new TensorEntry(
                "ids", DType.I32, Shape.of(entries.size(), tokens), new TensorSource.Bytes(ids)),
            new TensorEntry(
                "rows", DType.I32, Shape.of(entries.size()), new TensorSource.Bytes(counts)),
            new TensorEntry(
                "sums", DType.I32, Shape.of(entries.size()), new TensorSource.Bytes(sums)),
            new TensorEntry(
                "states",
                DType.F32,
                Shape.of(firsts[entries.size()], width),
                new TensorSource.Computed(
                    (first, target, count) -> fill(entries, firsts, width, first, target, count))),
            TensorEntry.of("probe", DType.F32, Shape.of(probe.length, width), stamp)),
        Map.of("format", "lethe contexts"));
  }

  /** Elements of all rows, one text's after the other's. */
  private static void fill(
      List<Entry> entries, long[] firsts, int width, long first, float[] target, int count) {
    int found = Arrays.binarySearch(firsts, first / width);
    int n = found >= 0 ? found : -found - 2;
    int done = 0;
    while (done < count) {
      Entry entry = entries.get(n);
      long from = first + done - firsts[n] * width;
      int length = (int) Math.min(count - done, (long) entry.rows() * width - from);
      entry.read(from, target, done, length);
      done += length;
      n++;
    }
  }

  /** Creates the folder, and deletes the files that were longest without use. */
  private void makeRoom(long bytes) {
    Path folder = file.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
      record Other(Path path, FileTime used, long size) {}
      List<Other> others = new ArrayList<>();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path path : files.toList()) {
          String name = path.getFileName().toString();
          if (name.startsWith(PREFIX)
              && name.endsWith(SUFFIX)
              && !path.equals(file.toAbsolutePath())) {
            others.add(new Other(path, Files.getLastModifiedTime(path), Files.size(path)));
          }
        }
      }
      others.sort(Comparator.comparing(Other::used).thenComparing(Other::path));
      long total = bytes + others.stream().mapToLong(Other::size).sum();
      for (Other other : others) {
        if (total > largestFolder) {
          Files.deleteIfExists(other.path());
          total -= other.size();
        }
      }
    } catch (IOException failure) {
      throw new UserError(
          "cannot keep contexts in " + folder + ": " + failure.getMessage(), failure);
    }
  }

  /** Marks the file as used now, so that others go first; where that is not allowed it is not. */
  private void touch() {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Clock.systemUTC().instant()));
    } catch (IOException _) {
      // Only the order of deletion depends on it.
    }
  }
}
