// How large this machine's caches are, for the kernels' blocking.
package io.lethe.backend.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Bytes of the first core's data caches. They decide how work is cut over rows and columns, which
 * changes no digit of a result; the cut of the reduction is a constant.
 *
 * @param l1 bytes of the first level's data cache
 * @param l2 bytes of the second level
 * @param l3 bytes of the third level, or of the second where there is no third
 */
record CacheSizes(int l1, int l2, int l3) {
  /** Where the system hides them, as many virtual machines do: those of a server's core. */
  private static final CacheSizes USUAL = new CacheSizes(32 << 10, 1 << 20, 16 << 20);

  private static final Path LINUX = Path.of("/sys/devices/system/cpu/cpu0/cache");

  /** What the system tells, or the usual sizes. */
  static CacheSizes find() {
    return read(LINUX);
  }

  /** Reads {@code index0..index9} of one directory of sysfs. */
  static CacheSizes read(Path directory) {
    if (!Files.isDirectory(directory)) {
      return USUAL;
    }
    int[] bytes = {0, USUAL.l1, USUAL.l2, 0};
    for (int index = 0; index < 10; index++) {
      Path entry = directory.resolve("index" + index);
      if (!Files.isDirectory(entry)) {
        continue;
      }
      try {
        int level = Integer.parseInt(Files.readString(entry.resolve("level")).strip());
        boolean data = !Files.readString(entry.resolve("type")).strip().equals("Instruction");
        if (data && level >= 1 && level <= 3) {
          bytes[level] = parse(Files.readString(entry.resolve("size")).strip());
        }
      } catch (IOException | NumberFormatException unreadable) {
        // A system that hides one size leaves the usual one in its place.
        continue;
      }
    }
    int l2 = Math.max(bytes[2], bytes[1]);
    return new CacheSizes(bytes[1], l2, Math.max(bytes[3], l2));
  }

  private static int parse(String size) {
    String upper = size.toUpperCase(Locale.ROOT);
    int shift = upper.endsWith("K") ? 10 : upper.endsWith("M") ? 20 : upper.endsWith("G") ? 30 : 0;
    String digits = shift == 0 ? upper : upper.substring(0, upper.length() - 1);
    return (int) Math.min((long) Integer.parseInt(digits) << shift, 1 << 30);
  }
}
