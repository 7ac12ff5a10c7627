// Checks the format of every Java source of the project; with --rewrite, formats them.

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Started by the build as a single source file, {@code java -cp FORMATTER Format.java FOLDER...
 * [--rewrite]}, with the toolchain's java, because the formatter needs a newer one than Maven may
 * run on.
 */
final class Format {
  private Format() {}

  public static void main(String... arguments) throws IOException {
    boolean rewrite = List.of(arguments).contains("--rewrite");
    List<String> formatter = new ArrayList<>();
    formatter.addAll(
        rewrite ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    int options = formatter.size();
    for (String argument : arguments) {
      Path folder = Path.of(argument);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          files
              .map(Path::toString)
              .filter(name -> name.endsWith(".java"))
              .sorted()
              .forEach(formatter::add);
        }
      }
    }
    if (formatter.size() == options) {
      return;
    }
    ToolProvider tool = ToolProvider.findFirst("google-java-format").orElseThrow();
    int status = tool.run(System.out, System.err, formatter.toArray(String[]::new));
    if (status != 0) {
      System.err.println(
          "The files above are not formatted. Mend them with: mvn -Pformat process-sources");
    }
    System.exit(status);
  }
}
