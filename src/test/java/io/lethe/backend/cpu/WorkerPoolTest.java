// Shows that every task runs once, that failures surface, and that a pool survives both.
package io.lethe.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkerPoolTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void everyTaskRunsOnceForAnyNumberOfThreads(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      for (int tasks = 0; tasks < 200; tasks++) {
        AtomicIntegerArray counts = new AtomicIntegerArray(200);
        pool.run(tasks, (task, worker) -> counts.incrementAndGet(task));
        for (int task = 0; task < 200; task++) {
          assertEquals(task < tasks ? 1 : 0, counts.get(task));
        }
      }
    }
  }

  @Test
  void workerNumbersAreNeverSharedByTwoTasksAtOnce() {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicIntegerArray inside = new AtomicIntegerArray(3);
      pool.run(
          3000,
          (task, worker) -> {
            assertEquals(1, inside.incrementAndGet(worker));
            inside.decrementAndGet(worker);
          });
    }
  }

  @Test
  void whatATaskThrowsReachesTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(2)) {
      IllegalStateException broken = new IllegalStateException("broken");
      for (int turn = 0; turn < 50; turn++) {
        int bad = turn;
        assertSame(
            broken,
            assertThrows(
                IllegalStateException.class,
                () ->
                    pool.run(
                        50,
                        (task, worker) -> {
                          if (task == bad) {
                            throw broken;
                          }
                        })));
      }
      AtomicIntegerArray counts = new AtomicIntegerArray(10);
      pool.run(10, (task, worker) -> counts.incrementAndGet(task));
      assertEquals(1, counts.get(9));
    }
  }

  @Test
  void aParkedPoolWakesUp() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicIntegerArray counts = new AtomicIntegerArray(4);
      for (int turn = 0; turn < 3; turn++) {
        Thread.sleep(20);
        pool.run(4, (task, worker) -> counts.incrementAndGet(task));
      }
      assertEquals(3, counts.get(3));
    }
  }

  @Test
  void smallWorkStaysOnTheCallersThread() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Thread caller = Thread.currentThread();
      pool.run(8, 100, (task, worker) -> assertSame(caller, Thread.currentThread()));
    }
  }

  @Test
  void callingThePoolFromATaskIsAnError() {
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThrows(
          LetheException.class,
          () -> pool.run(8, (task, worker) -> pool.run(2, (inner, number) -> {})));
    }
  }

  @Test
  void anInterruptStaysPendingAndTheWorkIsDone() {
    try (WorkerPool pool = new WorkerPool(2)) {
      AtomicIntegerArray counts = new AtomicIntegerArray(64);
      Thread.currentThread().interrupt();
      pool.run(64, (task, worker) -> counts.incrementAndGet(task));
      boolean pending = Thread.interrupted();
      assertTrue(pending);
      assertEquals(1, counts.get(63));
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }

  @Test
  void aClosedPoolRefusesWork() {
    WorkerPool pool = new WorkerPool(2);
    pool.close();
    assertThrows(LetheException.class, () -> pool.run(2, (task, worker) -> {}));
    assertThrows(LetheException.class, () -> new WorkerPool(0));
  }
}
