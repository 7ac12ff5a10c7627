// How far a command is, for whoever waits: a bar with the time left, or a line now and then.
package io.lethe.cli;

import io.lethe.diffusion.ProgressListener;
import io.lethe.report.Amounts;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows nothing for what takes less than two seconds. On a terminal it draws a bar; elsewhere, as
 * in a log, it writes a line at most every ten seconds.
 */
final class Progress implements ProgressListener, AutoCloseable {
  private static final long PATIENCE = Duration.ofSeconds(2).toNanos();
  private static final long BETWEEN_LINES = Duration.ofSeconds(10).toNanos();
  private static final int BAR_WIDTH = 79;

  private final PrintWriter lines;
  private final boolean terminal;
  private String stage = "";
  private long started;
  private long lastLine;
  private ProgressBar bar;

  private Progress(PrintWriter lines, boolean terminal) {
    this.lines = lines;
    this.terminal = terminal;
  }

  /** Writes where errors go. */
  static Progress to(PrintWriter err) {
    return new Progress(err, isTerminal());
  }

  /** Writes lines, whatever standard error is. */
  static Progress lines(PrintWriter out) {
    return new Progress(out, false);
  }

  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException elsewhere) {
      return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
  }

  @Override
  public void progress(String name, long done, long total) {
    long now = System.nanoTime();
    if (!name.equals(stage)) {
      close();
      stage = name;
      started = now;
      lastLine = now;
    }
    long elapsed = now - started;
    if (bar != null) {
      bar.maxHint(total);
      bar.stepTo(done);
    } else if (terminal) {
      if (elapsed > PATIENCE / 4 && remaining(elapsed, done, total) + elapsed > PATIENCE) {
        bar = open(name, done, total, elapsed);
      }
    } else if (now - lastLine > BETWEEN_LINES && done != total) {
      lastLine = now;
      lines.println(line(name, done, total, elapsed));
      lines.flush();
    }
    if (done == total && bar != null) {
      close();
    }
  }

  private static ProgressBar open(String name, long done, long total, long elapsed) {
    PrintStream err = System.err;
    return new ProgressBarBuilder()
        .setTaskName(name)
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(250)
        .setConsumer(new ConsoleProgressBarConsumer(err, BAR_WIDTH))
        .startsFrom(done, Duration.ofNanos(elapsed))
        .build();
  }

  /** Such as {@code drawing: 40 of 200, about 12 s left}. */
  static String line(String name, long done, long total, long elapsedNanos) {
    if (total < 1) {
      return name + ": " + done;
    }
    long left = remaining(elapsedNanos, done, total);
    String time = done == 0 ? "" : ", about " + Amounts.duration(left / 1e9) + " left";
    return "%s: %d of %d%s".formatted(name, done, total, time);
  }

  /** At the speed so far; without any end in sight, a long time. */
  private static long remaining(long elapsed, long done, long total) {
    return done < 1 ? Long.MAX_VALUE / 2 : elapsed / done * Math.max(0, total - done);
  }

  /** Ends the bar, if there is one. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    stage = "";
  }
}
