// The launcher's cache of parsed classes: made once, used, and harmless when it is damaged or old.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a copy of the launcher and of what was built, so that no other test meets a damaged cache. */
class StartCacheIT {
  private static final String CLASS_FROM_CACHE = "io.lethe.cli.Main source: shared objects file";
  private static final Map<String, String> BUILDING = Map.of("LETHE_BUILD", "");
  private static final Map<String, String> NEVER = Map.of("LETHE_BUILD", "never");
  private static final Map<String, String> LOGGING =
      Map.of("LETHE_BUILD", "never", "LETHE_JAVA_OPTS", "-Xlog:class+load");

  @TempDir private Path home;
  private Path jar;
  private Path cache;

  /** The jar last, as if it had been built from what is there. */
  @BeforeEach
  void copyWhatWasBuilt() throws IOException {
    copy("lethe");
    copy("src/main/models/emoji-sd");
    copy("target/lib");
    copy("target/lethe.jar");
    jar = home.resolve("target/lethe.jar");
    cache = home.resolve("target/start-8.aot");
  }

  private void copy(String name) throws IOException {
    try (Stream<Path> files = Files.walk(LetheProcess.HOME.resolve(name))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path place = home.resolve(LetheProcess.HOME.relativize(file));
        Files.createDirectories(place.getParent());
        Files.copy(file, place);
      }
    }
  }

  private LetheProcess version(Map<String, String> environment) throws Exception {
    LetheProcess run = LetheProcess.startCopy(home, environment, List.of("--version"));
    assertEquals(0, run.await(), run::err);
    return run;
  }

  private void assertHarmless(String what, String expected) throws Exception {
    LetheProcess run = version(NEVER);
    assertEquals(expected, run.out(), what);
    assertEquals("", run.err(), what);
    assertFalse(version(LOGGING).out().contains(CLASS_FROM_CACHE), what + " is used");
  }

  @Test
  void isMadeOnceAndUsedAndHarmlessWhenDamaged() throws Exception {
    String plain = version(NEVER).out();
    assertFalse(Files.exists(cache), "LETHE_BUILD=never makes nothing");

    LetheProcess first = version(BUILDING);
    assertTrue(first.err().contains("prepares a faster start"), first::err);
    assertEquals(plain, first.out());
    assertTrue(Files.size(cache) > 0, "the cache is empty: the training run failed");
    FileTime made = Files.getLastModifiedTime(cache);

    LetheProcess second = version(BUILDING);
    assertEquals(plain, second.out());
    assertEquals("", second.err());
    assertEquals(made, Files.getLastModifiedTime(cache));
    assertTrue(version(LOGGING).out().contains(CLASS_FROM_CACHE), "the cache is not used");

    byte[] whole = Files.readAllBytes(cache);
    byte[] damaged = whole.clone();
    for (int at = whole.length / 4; at < whole.length / 2; at += 997) {
      damaged[at] ^= 0x55;
    }
    Files.write(cache, damaged);
    assertHarmless("a cache with wrong bytes", plain);
    Files.write(cache, Arrays.copyOf(whole, whole.length / 2));
    assertHarmless("half a cache", plain);
    Files.writeString(cache, "no cache at all");
    assertHarmless("a text", plain);
    Files.write(cache, new byte[0]);
    assertHarmless("an empty file", plain);

    Files.write(cache, whole);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(2)));
    assertHarmless("a cache of another jar", plain);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(2)));
    Files.setLastModifiedTime(cache, FileTime.from(Instant.now().minusSeconds(4)));
    LetheProcess again = version(BUILDING);
    assertTrue(again.err().contains("prepares a faster start"), again::err);
    assertNotEquals(made, Files.getLastModifiedTime(cache));
    assertTrue(version(LOGGING).out().contains(CLASS_FROM_CACHE), "the new cache is not used");
  }

  @Test
  void isNotTriedAgainWhereItCannotBeMade() throws Exception {
    Files.delete(home.resolve("src/main/models/emoji-sd/model_index.json"));
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(1)));
    LetheProcess first = version(BUILDING);
    assertTrue(first.err().contains("prepares a faster start"), first::err);
    assertEquals(0, Files.size(cache));

    LetheProcess second = version(BUILDING);
    assertEquals("", second.err());
    assertEquals(first.out(), second.out());
  }
}
