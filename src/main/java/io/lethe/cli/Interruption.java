// What is said when somebody presses Ctrl-C.
package io.lethe.cli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells a program that ends by itself from one that is ended.
 *
 * <p>After Ctrl-C the JVM runs its shutdown hooks, among them those that remove unfinished folders,
 * and exits with 130. Meanwhile the command still runs, and may stumble over what was removed: that
 * must not be reported as an error.
 */
final class Interruption {
  private static final long PATIENCE_SECONDS = 10;

  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean finished;
  private volatile boolean ending;

  private Interruption() {}

  /** Watches this program until {@link #finished}. */
  static Interruption watch() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(new Thread(interruption::ended, "lethe-interruption"));
    return interruption;
  }

  /** One that never happens. */
  static Interruption none() {
    return new Interruption();
  }

  private void ended() {
    ending = true;
    if (!finished) {
      awaitWriter();
      System.err.println();
      System.err.println("lethe: interrupted");
      System.err.flush();
    }
  }

  /** A file that is being written comes to its end; the lock is kept, so that no other begins. */
  private void awaitWriter() {
    try {
      if (!writing.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("lethe: a file could not be finished in time");
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes a small file, which Ctrl-C lets come to its end. */
  void whileWriting(Runnable write) {
    writing.lock();
    try {
      write.run();
    } finally {
      writing.unlock();
    }
  }

  /** The command has ended by itself. */
  void finished() {
    finished = true;
  }

  /** Whether the program is being ended from outside. */
  boolean isEnding() {
    return ending;
  }
}
