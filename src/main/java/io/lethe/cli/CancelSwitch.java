// Ctrl-C during training: stop after this step, save, and exit with 130.
package io.lethe.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The JVM exits when its shutdown hooks are done, so the hook waits until the run has saved its
 * state. A run that does not come to a step's end in time is ended all the same; its last
 * checkpoint stands.
 */
final class CancelSwitch implements BooleanSupplier, AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final CountDownLatch saved = new CountDownLatch(1);
  private final Thread hook = new Thread(this::cancelAndWait, "lethe-cancel");
  private volatile boolean cancelled;

  private CancelSwitch() {}

  static CancelSwitch install() {
    CancelSwitch cancel = new CancelSwitch();
    Runtime.getRuntime().addShutdownHook(cancel.hook);
    return cancel;
  }

  private void cancelAndWait() {
    cancelled = true;
    try {
      if (!saved.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("lethe: the step took too long; the last checkpoint stands");
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean getAsBoolean() {
    return cancelled;
  }

  /** The run needs no more time. */
  @Override
  public void close() {
    saved.countDown();
    if (!cancelled) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
