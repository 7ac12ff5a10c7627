// SHA-256 of files and of sets of files.
package io.lethe.weights;

import io.lethe.LetheException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Hashes in 64 lower-case hexadecimal digits, as {@code sha256sum} prints them. */
public final class ContentHash {
  private static final int CHUNK = 1 << 20;

  private ContentHash() {}

  /** The hash of one file's bytes. @throws UserError if it cannot be read */
  public static String of(Path file) {
    MessageDigest digest = sha256();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[CHUNK];
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        digest.update(chunk, 0, count);
      }
    } catch (IOException failure) {
      throw Failure.reading(file, failure);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The hash of several files: of the text {@code HASH, two spaces, NAME, line feed} for each in
   * the order of the names, so that neither place nor date of the files matters.
   */
  public static String of(Map<String, Path> files) {
    String lines =
        new TreeMap<>(files)
            .entrySet().parallelStream()
                .map(file -> of(file.getValue()) + "  " + file.getKey() + "\n")
                .collect(Collectors.joining());
    MessageDigest digest = sha256();
    digest.update(lines.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The hash of tensors: of name, shape and numbers of each, rounded to F16, in the order of the
   * names. So a model has one hash, whether it is stored in F32 or F16, and in whatever files.
   */
  public static String ofTensors(Collection<TensorView> tensors) {
    MessageDigest digest = sha256();
    Map<String, TensorView> byName = new TreeMap<>();
    tensors.forEach(view -> byName.put(view.name(), view));
    float[] floats = new float[CHUNK / 4];
    byte[] halves = new byte[CHUNK / 2];
    for (TensorView view : byName.values()) {
      if (!view.dtype().isFloat()) {
        continue; // positions that some versions store, and which are the same in every model
      }
      digest.update((view.name() + " " + view.shape() + "\n").getBytes(StandardCharsets.UTF_8));
      long elements = view.shape().elements();
      for (long first = 0; first < elements; first += floats.length) {
        int count = (int) Math.min(floats.length, elements - first);
        view.readFloats(first, floats, 0, count);
        for (int i = 0; i < count; i++) {
          short half = Float.floatToFloat16(floats[i]);
          halves[2 * i] = (byte) half;
          halves[2 * i + 1] = (byte) (half >> 8);
        }
        digest.update(halves, 0, 2 * count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new LetheException("this Java has no SHA-256", impossible);
    }
  }
}
