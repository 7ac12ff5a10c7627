// Cache sizes as Linux tells them, and what is taken where it does not.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheSizesTest {
  @TempDir Path folder;

  @Test
  void readsDataCachesAndPassesOverInstructions() throws IOException {
    entry(0, "1", "Data", "48K");
    entry(1, "1", "Instruction", "32K");
    entry(2, "2", "Unified", "2048K");
    entry(3, "3", "Unified", "260M");
    assertEquals(new CacheSizes(48 << 10, 2 << 20, 260 << 20), CacheSizes.read(folder));
  }

  @Test
  void withoutAThirdLevelTheSecondIsTheLast() throws IOException {
    entry(0, "1", "Data", "64K");
    entry(2, "2", "Unified", "1M");
    assertEquals(new CacheSizes(64 << 10, 1 << 20, 1 << 20), CacheSizes.read(folder));
  }

  /**
   * A virtual machine that hides its caches: a quarter of a small last one would be packed at once.
   */
  @Test
  void hiddenCachesAreTakenForThoseOfAServer() {
    CacheSizes hidden = CacheSizes.read(folder.resolve("nothing"));
    assertEquals(new CacheSizes(32 << 10, 1 << 20, 16 << 20), hidden);
  }

  @Test
  void whatCannotBeReadIsPassedOver() throws IOException {
    entry(0, "1", "Data", "48K");
    entry(2, "2", "Unified", "unknown");
    entry(3, "3", "Unified", "16M");
    assertEquals(new CacheSizes(48 << 10, 1 << 20, 16 << 20), CacheSizes.read(folder));
  }

  private void entry(int index, String level, String type, String size) throws IOException {
    Path entry = Files.createDirectory(folder.resolve("index" + index));
    Files.writeString(entry.resolve("level"), level + "\n");
    Files.writeString(entry.resolve("type"), type + "\n");
    Files.writeString(entry.resolve("size"), size + "\n");
  }
}
