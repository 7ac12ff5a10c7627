// One run of ./lethe as a process of its own.
package io.lethe.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Standard output and error go to files, so that no pipe can fill up. */
final class LetheProcess {
  static final Path HOME =
      Path.of(System.getProperty("lethe.home", System.getProperty("user.dir"))).toAbsolutePath();
  static final String LOG = "log-";
  private static final long PATIENCE_SECONDS = 900;

  private final Process process;
  private final Path out;
  private final Path err;

  /** An environment variable that is set to nothing is removed. */
  private LetheProcess(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    out = Files.createTempFile(folder, LOG, ".out");
    err = Files.createTempFile(folder, LOG, ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    environment.forEach((name, value) -> {
      if (value.isEmpty()) {
        builder.environment().remove(name);
      } else {
        builder.environment().put(name, value);
      }
    });
    process = builder.start();
  }

  /** Starts the launcher in this folder. */
  static LetheProcess start(Path folder, List<String> arguments) throws IOException {
    return start(folder, Map.of(), arguments);
  }

  /** Starts it with more environment variables. */
  static LetheProcess start(Path folder, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isDirectory(Path.of("/proc/self"))) {
      // A build in the background ignores Ctrl-C, and what it starts inherits that.
      command.addAll(List.of("env", "--default-signal=INT"));
    }
    command.add(HOME.resolve("lethe").toString());
    command.addAll(arguments);
    return new LetheProcess(folder, environment, command);
  }

  /** The same, with a limit on the size of every file that it writes. */
  static LetheProcess startLimited(Path folder, int blocks, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "ulimit -f " + blocks + "; exec \"$0\" \"$@\""));
    command.add(HOME.resolve("lethe").toString());
    command.addAll(arguments);
    return new LetheProcess(folder, Map.of(), command);
  }

  /** Starts a copy of the launcher, which lies in this folder, in another environment. */
  static LetheProcess startCopy(
      Path folder, Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(folder.resolve("lethe").toString()));
    command.addAll(arguments);
    return new LetheProcess(folder, environment, command);
  }

  /** Waits for the end; returns the exit code. */
  int await() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + PATIENCE_SECONDS + " s");
    }
    return process.exitValue();
  }

  /** Waits until a file is there. */
  void awaitFile(Path file) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.exists(file)) {
      assertTrue(process.isAlive(), () -> "ended before " + file + " was there: " + err());
      assertTrue(System.nanoTime() < end, () -> file + " never came");
      Thread.sleep(20);
    }
  }

  /** What Ctrl-C sends. */
  void interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  /** What a machine that fails does to it. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  String out() {
    return read(out);
  }

  /** Standard error, without the JVM's own notice of the incubator module. */
  String err() {
    return read(err)
        .lines()
        .filter(line -> !line.isBlank() && !line.contains("incubator modules"))
        .collect(Collectors.joining("\n"));
  }

  /** Lines of errors; on a slow machine lines of progress may stand before them. */
  long complaints() {
    return err().lines().filter(line -> line.startsWith("lethe: ")).count();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
