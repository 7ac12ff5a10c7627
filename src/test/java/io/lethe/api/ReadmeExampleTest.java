// The example of the README compiles, runs, and does what the text says.
package io.lethe.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.diffusion.Picture;
import io.lethe.report.PictureReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReadmeExampleTest {
  private static final Path HOME = Path.of(System.getProperty("lethe.home", "."));
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```java\n(.*?)```");

  @TempDir Path folder;

  @Test
  void theExampleErasesAndDraws() throws Exception {
    Matcher example = EXAMPLE.matcher(Files.readString(HOME.resolve("README.md")));
    assertTrue(example.find(), "README.md has no example in Java");
    Path classes = Files.createDirectory(folder.resolve("classes"));
    CompiledSource.compile("Forget", example.group(1), classes);
    assertFalse(example.find(), "README.md has another example, which no test runs");

    Path model = HOME.resolve("src/main/models/emoji-sd");
    Path out = folder.resolve("out");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      String[] arguments = {model.toString(), out.toString()};
      loader.loadClass("Forget").getMethod("main", String[].class).invoke(null, (Object) arguments);
    }

    JsonNode metrics = new JsonMapper().readTree(out.resolve("no-lion/metrics.json").toFile());
    assertEquals("uce", metrics.path("method").asString());
    assertEquals("lion", metrics.at("/concepts/0").asString());
    // what the text encoder took, the edit and its account stand apart, all within the whole
    double sum = 0;
    for (String stage : List.of("embeddings", "edit", "account")) {
      double took = metrics.at("/measured/" + stage + "_seconds").asDouble();
      assertTrue(took > 0, () -> stage + " took " + took + " s");
      sum += took;
    }
    double whole = metrics.at("/measured/train_and_save_seconds").asDouble();
    assertTrue(sum < whole, sum + " of " + whole + " s");
    Picture after = PictureReader.read(out.resolve("lion.png"));
    try (Lethe lethe = Lethe.open(model)) {
      Picture before = lethe.generate("an emoji of a lion").seed(7).pictures().getFirst();
      assertFalse(Arrays.equals(before.rgb(), after.rgb()), "the lion is drawn as before");
    }
  }
}
