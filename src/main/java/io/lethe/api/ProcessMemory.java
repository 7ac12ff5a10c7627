// How much memory the process has held at its peak.
package io.lethe.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Peak resident memory as the kernel counts it; mapped weights that were read count too. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";

  private ProcessMemory() {}

  /**
   * The peak so far.
   *
   * @return bytes, or nothing where the system does not tell
   */
  public static OptionalLong peakResidentBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(PEAK)) {
          String kilobytes = line.substring(PEAK.length()).replace("kB", "").strip();
          return OptionalLong.of(1024 * Long.parseLong(kilobytes));
        }
      }
    } catch (IOException elsewhere) {
      // Only Linux has this file; elsewhere the figure is left out.
    }
    return OptionalLong.empty();
  }
}
