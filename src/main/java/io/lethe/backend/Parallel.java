// Numbered tasks on the threads that a backend has.
package io.lethe.backend;

import java.util.function.IntConsumer;

/**
 * Runs every task once, in any order, and returns when all have ended. A task writes only what is
 * its own, so that results do not depend on the number of threads; it may not run tasks itself.
 */
@FunctionalInterface
public interface Parallel {
  /** On the caller's thread alone. */
  Parallel ALONE =
      (tasks, body) -> {
        for (int task = 0; task < tasks; task++) {
          body.accept(task);
        }
      };

  /**
   * @param body takes 0 to tasks - 1, each once
   */
  void run(int tasks, IntConsumer body);
}
