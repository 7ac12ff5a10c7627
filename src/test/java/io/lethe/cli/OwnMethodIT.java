// A method that a user has written, in a jar that ./lethe has never seen.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.api.CompiledSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OwnMethodIT {
  private static final String SERVICE = "META-INF/services/io.lethe.erase.ErasureMethod";

  @TempDir Path folder;

  @Test
  void isFoundInItsJar() throws Exception {
    jar("example.TokenSwap");
    LetheProcess process = erase("token-swap", "--set=instead=owl");
    assertEquals(0, process.await(), process.err());
    assertTrue(process.out().contains("[lion] now mean owl"), process.out());
    JsonNode metrics = new JsonMapper().readTree(folder.resolve("swapped/metrics.json").toFile());
    assertEquals("token-swap", metrics.path("method").asString());
    assertEquals("owl", metrics.at("/settings/instead").asString());
  }

  @Test
  void mistakesAreNamed() throws Exception {
    jar("example.TokenSwap");
    refused("--stength means nothing to token-swap", "token-swap", "--set=stength=3");
    refused("known: eap, esd, few-shot", "token-swop");
    refused("token-swap", "token-swop");
    jar("example.Forgotten");
    refused("a method that cannot be used", "token-swap");
    Files.delete(folder.resolve("mine.jar"));
    LetheProcess process = erase("token-swap");
    assertEquals(1, process.await(), process.err());
    assertTrue(process.err().contains("LETHE_CLASSPATH names mine.jar"), process.err());
  }

  private void refused(String words, String method, String... more) throws Exception {
    LetheProcess process = erase(method, more);
    assertEquals(2, process.await(), process.err());
    assertTrue(process.err().contains(words), process.err());
  }

  private LetheProcess erase(String method, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("erase", "--method=" + method, "--no-evaluation", "--out=swapped"));
    arguments.addAll(List.of(more));
    return LetheProcess.start(folder, Map.of("LETHE_CLASSPATH", "mine.jar"), arguments);
  }

  /** Packs the method, and the name under which its service is found. */
  private void jar(String provider) throws IOException {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    Path source = LetheProcess.HOME.resolve("src/test/resources/method/TokenSwap.java");
    CompiledSource.compile("TokenSwap", Files.readString(source), classes);
    try (OutputStream file = Files.newOutputStream(folder.resolve("mine.jar"));
        JarOutputStream jar = new JarOutputStream(file)) {
      jar.putNextEntry(new JarEntry("example/TokenSwap.class"));
      jar.write(Files.readAllBytes(classes.resolve("example/TokenSwap.class")));
      jar.putNextEntry(new JarEntry(SERVICE));
      jar.write((provider + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
