// Where files are kept between runs that only save time.
package io.lethe.weights;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The user's cache folder: {@code $LETHE_CACHE}, else {@code $XDG_CACHE_HOME/lethe}, else {@code
 * ~/.cache/lethe}. {@code LETHE_CACHE=off} keeps nothing. What lies there may be deleted at any
 * time, and is read as what it is: files that anyone may have written.
 */
public final class CacheFolder {
  private CacheFolder() {}

  /** The folder that this process's environment names. */
  public static Optional<Path> ofUser() {
    return of(System.getenv(), System.getProperty("user.home"));
  }

  /**
   * The folder, which need not exist yet.
   *
   * @param home the user's home folder, or null
   */
  static Optional<Path> of(Map<String, String> environment, String home) {
    String own = environment.getOrDefault("LETHE_CACHE", "");
    if (own.equals("off")) {
      return Optional.empty();
    }
    if (!own.isBlank()) {
      return Optional.of(Path.of(own));
    }
    String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!shared.isBlank() && Path.of(shared).isAbsolute()) { // others are to be ignored (XDG)
      return Optional.of(Path.of(shared, "lethe"));
    }
    return home == null || home.isBlank()
        ? Optional.empty()
        : Optional.of(Path.of(home, ".cache", "lethe"));
  }
}
