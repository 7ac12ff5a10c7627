// What is said when somebody presses Ctrl-C.
package io.lethe.cli;

/**
 * Tells a program that ends by itself from one that is ended.
 *
 * <p>After Ctrl-C the JVM runs its shutdown hooks, among them those that remove unfinished folders,
 * and exits with 130. Meanwhile the command still runs, and may stumble over what was removed: that
 * must not be reported as an error.
 */
final class Interruption {
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
      System.err.println();
      System.err.println("lethe: interrupted");
      System.err.flush();
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
