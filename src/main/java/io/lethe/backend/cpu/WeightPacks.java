// Keeps frozen weights in packed form, so that each is read from its file and converted once.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;
import io.lethe.tensor.Tensor;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Packed forms by weight and orientation, up to a budget of bytes; past it, packs are made for each
 * call. Weights are known by the identity of their buffer, so that views share a pack, and held
 * weakly: a model that is dropped takes its packs along.
 */
final class WeightPacks {
  /**
   * Which packed form of a weight.
   *
   * @param transposed columns lie as rows: a linear layer's weight, a convolution's input gradient
   * @param taps the kernel's positions that take part, in order; none for a matrix
   * @param group as {@link PackerRight#group}
   * @param winograd whether transformed ({@link WinogradWeights})
   */
  record Form(
      boolean transposed,
      int steps,
      int columns,
      List<Integer> taps,
      int group,
      boolean winograd) {}

  /** A weight's identity with a form. */
  private static final class Key extends WeakReference<Buffer> {
    private final Form form;
    private final int hash;

    Key(Buffer buffer, Form form, ReferenceQueue<Buffer> dropped) {
      super(buffer, dropped);
      this.form = form;
      this.hash = System.identityHashCode(buffer) * 31 + form.hashCode();
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      if (this == other) {
        return true;
      }
      return other instanceof Key key
          && get() != null
          && key.get() == get()
          && form.equals(key.form);
    }
  }

  private final long budgetBytes;
  private final Map<Key, float[]> packs = new HashMap<>();
  private final ReferenceQueue<Buffer> dropped = new ReferenceQueue<>();
  private long usedBytes;

  /** Packs of at most a third of the heap. */
  WeightPacks() {
    this(Runtime.getRuntime().maxMemory() / 3);
  }

  WeightPacks(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /** Bytes of all packs that are held. */
  synchronized long usedBytes() {
    expunge();
    return usedBytes;
  }

  /**
   * The pack of a frozen weight, made by {@code packing} where it is not there yet; null for
   * weights in compute memory, which may change, and where the budget is spent.
   */
  synchronized float[] find(Tensor weight, Form form, long floats, Supplier<float[]> packing) {
    if (!weight.isMapped()) {
      return null;
    }
    Buffer buffer = weight.buffer();
    float[] pack = packs.get(new Key(buffer, form, null));
    if (pack != null) {
      return pack;
    }
    expunge();
    long bytes = floats * Float.BYTES;
    if (usedBytes + bytes > budgetBytes || floats > Integer.MAX_VALUE - 8) {
      return null;
    }
    pack = packing.get();
    packs.put(new Key(buffer, form, dropped), pack);
    usedBytes += bytes;
    return pack;
  }

  private void expunge() {
    for (Object key = dropped.poll(); key != null; key = dropped.poll()) {
      float[] pack = packs.remove(key);
      if (pack != null) {
        usedBytes -= (long) pack.length * Float.BYTES;
      }
    }
  }
}
