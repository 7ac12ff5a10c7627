// Who owns compute memory, and when it goes.
package io.lethe.tensor;

import io.lethe.LetheException;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A lifetime of compute tensors: {@code try (Scope step = run.child("step")) { ... }}. Closing
 * gives every array that is still owned back to a pool that all scopes share, so nothing large
 * waits for the garbage collector.
 *
 * <p>A scope belongs to one thread. Closing twice, or allocating after close, is an error.
 */
public final class Scope implements AutoCloseable {
  /** Bytes in use and their maximum, of a root and all its children. */
  private static final class Ledger {
    private long live;
    private long peak;
  }

  /** What closed scopes leave for the next; it keeps up to a quarter of the heap. */
  private static final BufferPool POOL = new BufferPool(Runtime.getRuntime().maxMemory() / 4);

  private final String name;
  private final DType dtype;
  private final Scope parent;
  private final Ledger ledger;
  private final Map<Tensor.Lease, Buffer> owned = new IdentityHashMap<>();
  private boolean closed;

  private Scope(String name, DType dtype, Scope parent, Ledger ledger) {
    this.name = name;
    this.dtype = dtype;
    this.parent = parent;
    this.ledger = ledger;
  }

  /**
   * A scope with a ledger of its own.
   *
   * @param dtype the compute type of its tensors, F32 or F64
   */
  public static Scope root(String name, DType dtype) {
    if (dtype != DType.F32 && dtype != DType.F64) {
      throw new LetheException("a scope computes in F32 or F64, not in " + dtype);
    }
    return new Scope(name, dtype, null, new Ledger());
  }

  /**
   * Leaves what closed scopes left to the garbage collector: for a program that goes on without us.
   */
  public static void dropIdle() {
    POOL.drop();
  }

  /** A shorter lifetime inside this one, with the same ledger. */
  public Scope child(String childName) {
    requireOpen();
    return new Scope(name + "/" + childName, dtype, this, ledger);
  }

  /** A tensor of this scope's compute type whose contents are undefined until written. */
  public Tensor allocate(String tensorName, Shape shape) {
    requireOpen();
    int size = shape.size();
    Buffer buffer =
        dtype == DType.F32
            ? new Buffer.Floats(POOL.takeFloats(size))
            : new Buffer.Doubles(POOL.takeDoubles(size));
    Tensor tensor = new Tensor(tensorName, shape, buffer, new Tensor.Lease());
    owned.put(tensor.lease(), buffer);
    ledger.live += bytes(buffer);
    ledger.peak = Math.max(ledger.peak, ledger.live);
    return tensor;
  }

  /** A tensor of zeros. */
  public Tensor zeros(String tensorName, Shape shape) {
    Tensor tensor = allocate(tensorName, shape);
    switch (tensor.buffer()) {
      case Buffer.Floats(float[] array) -> Arrays.fill(array, 0f);
      case Buffer.Doubles(double[] array) -> Arrays.fill(array, 0d);
      case Buffer.Mapped mapped -> throw new IllegalStateException("scopes hold no mapped memory");
    }
    return tensor;
  }

  /** Whether this scope owns the tensor's memory. */
  public boolean owns(Tensor tensor) {
    return owned.containsKey(tensor.lease());
  }

  /**
   * Gives a tensor back before the scope ends. @throws LetheException when this scope does not own
   * it
   */
  public void free(Tensor tensor) {
    Buffer buffer = owned.remove(tensor.lease());
    if (buffer == null) {
      throw new LetheException("scope '" + name + "' does not own tensor '" + tensor.name() + "'");
    }
    tensor.lease().close();
    ledger.live -= bytes(buffer);
    POOL.give(buffer);
  }

  /** Hands a tensor to the parent scope, so that it outlives this one. Returns the same tensor. */
  public Tensor promote(Tensor tensor) {
    if (parent == null) {
      throw new LetheException("scope '" + name + "' has no parent to promote to");
    }
    Buffer buffer = owned.remove(tensor.lease());
    if (buffer == null) {
      throw new LetheException("scope '" + name + "' does not own tensor '" + tensor.name() + "'");
    }
    parent.owned.put(tensor.lease(), buffer);
    return tensor;
  }

  public DType dtype() {
    return dtype;
  }

  /** Bytes of compute memory in use by this scope's root and all below it. */
  public long liveBytes() {
    return ledger.live;
  }

  /** The most bytes that were in use at once. */
  public long peakBytes() {
    return ledger.peak;
  }

  private static long bytes(Buffer buffer) {
    return switch (buffer) {
      case Buffer.Floats(float[] array) -> 4L * array.length;
      case Buffer.Doubles(double[] array) -> 8L * array.length;
      case Buffer.Mapped mapped -> 0;
    };
  }

  private void requireOpen() {
    if (closed) {
      throw new LetheException("scope '" + name + "' is already closed");
    }
  }

  @Override
  public void close() {
    requireOpen();
    closed = true;
    for (Map.Entry<Tensor.Lease, Buffer> entry : owned.entrySet()) {
      entry.getKey().close();
      ledger.live -= bytes(entry.getValue());
      POOL.give(entry.getValue());
    }
    owned.clear();
  }
}
