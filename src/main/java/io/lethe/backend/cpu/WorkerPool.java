// A fixed set of threads that share the tasks of one call, with an empty call costing about a
// microsecond.
package io.lethe.backend.cpu;

import io.lethe.LetheException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs numbered tasks on daemon threads and on the caller itself.
 *
 * <p>Which thread takes which task is left to chance, so a task may write only what is its own:
 * then results depend on how a shape was split into tasks and never on the number of threads.
 *
 * <p>Idle threads spin for some tens of microseconds, since a network of small layers calls again
 * within that time, and park afterwards. Calls from several threads take turns; a task may not call
 * {@link #run} itself.
 */
final class WorkerPool implements AutoCloseable {
  /** Below this many nanoseconds of work a second thread does not pay. */
  static final long WORTH_SHARING_NANOS = 4_000;

  /** Turns of the spinning wait, each one pause instruction: some 30 microseconds. */
  private static final int SPINS = 2_000;

  /** The body of a call. */
  interface Task {
    /**
     * @param task 0 to tasks - 1, each once
     * @param worker 0 to threads - 1, no two tasks at once under one number: the index of scratch
     */
    void run(int task, int worker);
  }

  /**
   * One call. A thread that comes late finds no task left in it, so jobs need no further handshake.
   */
  private static final class Job {
    private static final VarHandle NEXT = handle("next");
    private static final VarHandle LEFT = handle("left");

    private final Task body;
    private final int tasks;
    private final Thread caller;
    private volatile int next;
    private volatile int left;
    private volatile Throwable failure;

    Job(Task body, int tasks) {
      this.body = body;
      this.tasks = tasks;
      this.caller = Thread.currentThread();
      this.left = tasks;
    }

    /** Takes tasks until none is left; after a failure the rest are counted but not run. */
    void work(int worker) {
      while (next < tasks) {
        int task = (int) NEXT.getAndAdd(this, 1);
        if (task >= tasks) {
          return;
        }
        try {
          if (failure == null) {
            body.run(task, worker);
          }
        } catch (RuntimeException | Error thrown) {
          failure = thrown;
        } finally {
          if ((int) LEFT.getAndAdd(this, -1) == 1 && Thread.currentThread() != caller) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    void awaitEnd() {
      boolean interrupted = false;
      for (int spin = 0; left > 0; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.park(this);
          interrupted |= Thread.interrupted();
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private static VarHandle handle(String field) {
      try {
        return MethodHandles.lookup().findVarHandle(Job.class, field, int.class);
      } catch (ReflectiveOperationException impossible) {
        throw new LetheException("no field " + field, impossible);
      }
    }
  }

  /** A daemon thread that waits for jobs. */
  private static final class Worker extends Thread {
    private final WorkerPool pool;
    private final int number;
    private volatile boolean parked;

    Worker(WorkerPool pool, int number) {
      super("lethe-worker-" + number);
      this.pool = pool;
      this.number = number;
      setDaemon(true);
    }

    @Override
    public void run() {
      Job done = null;
      while (!pool.closed) {
        Job job = awaitOther(done);
        if (job != null) {
          job.work(number);
        }
        done = job;
      }
    }

    private Job awaitOther(Job done) {
      for (int spin = 0; spin < SPINS; spin++) {
        if (pool.current != done) {
          return pool.current;
        }
        Thread.onSpinWait();
      }
      parked = true;
      while (pool.current == done && !pool.closed) {
        LockSupport.park(pool);
        Thread.interrupted();
      }
      parked = false;
      return pool.current;
    }
  }

  private final ReentrantLock turn = new ReentrantLock();
  private final Worker[] workers;
  private volatile Job current;
  private volatile boolean closed;

  /** A pool of as many threads as processors are available to the JVM. */
  WorkerPool() {
    this(Runtime.getRuntime().availableProcessors());
  }

  /**
   * @param threads how many threads share a call, the caller among them; at least 1
   */
  WorkerPool(int threads) {
    if (threads < 1) {
      throw new LetheException("a worker pool needs at least one thread, not " + threads);
    }
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(this, i + 1);
    }
    for (Worker worker : workers) {
      worker.start();
    }
  }

  /** How many threads share a call, the caller among them. */
  int threads() {
    return workers.length + 1;
  }

  /**
   * Runs {@code body} for all tasks and returns when all have ended.
   *
   * @param nanos a guess of the whole work on one thread; small calls stay on the caller's thread
   */
  void run(int tasks, long nanos, Task body) {
    if (nanos < WORTH_SHARING_NANOS || tasks <= 1 || workers.length == 0) {
      runAlone(tasks, body);
    } else {
      run(tasks, body);
    }
  }

  /**
   * Runs {@code body} for all tasks and returns when all have ended. What a task throws comes out
   * here, the tasks not yet begun being left out. An interrupt stays pending and cuts nothing
   * short.
   */
  void run(int tasks, Task body) {
    if (tasks <= 1 || workers.length == 0) {
      runAlone(tasks, body);
      return;
    }
    enter();
    try {
      Job job = new Job(body, tasks);
      current = job;
      int helpers = Math.min(workers.length, tasks - 1);
      for (int i = 0; i < helpers; i++) {
        if (workers[i].parked) {
          LockSupport.unpark(workers[i]);
        }
      }
      job.work(0);
      job.awaitEnd();
      switch (job.failure) {
        case null -> {}
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case Throwable thrown -> throw new LetheException("a task failed", thrown);
      }
    } finally {
      turn.unlock();
    }
  }

  private void runAlone(int tasks, Task body) {
    enter();
    try {
      for (int task = 0; task < tasks; task++) {
        body.run(task, 0);
      }
    } finally {
      turn.unlock();
    }
  }

  private void enter() {
    if (turn.isHeldByCurrentThread()
        || Thread.currentThread() instanceof Worker worker && worker.pool == this) {
      throw new LetheException("a task of a worker pool may not call the pool again");
    }
    turn.lock();
    if (closed) {
      turn.unlock();
      throw new LetheException("the worker pool is closed");
    }
  }

  /** Ends the threads once the present call is over. */
  @Override
  public void close() {
    turn.lock();
    try {
      closed = true;
      current = null;
      for (Worker worker : workers) {
        LockSupport.unpark(worker);
      }
    } finally {
      turn.unlock();
    }
  }
}
