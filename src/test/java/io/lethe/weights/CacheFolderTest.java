// Where the user's cache is.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class CacheFolderTest {
  @Test
  void ownVariableThenXdgThenHome() {
    Map<String, String> both = Map.of("LETHE_CACHE", "mine", "XDG_CACHE_HOME", "/caches");
    assertEquals(Optional.of(Path.of("mine")), CacheFolder.of(both, "/home/u"));
    assertEquals(
        Optional.of(Path.of("/caches/lethe")),
        CacheFolder.of(Map.of("XDG_CACHE_HOME", "/caches"), "/home/u"));
    assertEquals(
        Optional.of(Path.of("/home/u/.cache/lethe")),
        CacheFolder.of(Map.of("XDG_CACHE_HOME", "relative", "LETHE_CACHE", ""), "/home/u"));
  }

  @Test
  void offMeansNone() {
    Map<String, String> off = Map.of("LETHE_CACHE", "off", "XDG_CACHE_HOME", "/caches");
    assertEquals(Optional.empty(), CacheFolder.of(off, "/home/u"));
    assertEquals(Optional.empty(), CacheFolder.of(Map.of(), null));
  }
}
