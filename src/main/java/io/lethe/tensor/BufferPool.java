// Keeps freed compute arrays by size, so that the next step finds its memory where the last one
// left it.
package io.lethe.tensor;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Free lists of arrays, one for each exact length. Shared by all scopes; safe for several threads.
 */
final class BufferPool {
  private final Map<Integer, ArrayDeque<float[]>> floats = new LinkedHashMap<>();
  private final Map<Integer, ArrayDeque<double[]>> doubles = new HashMap<>();
  private final long limitBytes;
  private long idleBytes;

  /** A pool that keeps at most {@code limitBytes} of idle memory. */
  BufferPool(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** An array of exactly this length; its contents are whatever the last user left. */
  synchronized float[] takeFloats(int length) {
    ArrayDeque<float[]> free = floats.get(length);
    float[] array = free == null ? null : free.pollLast();
    if (array == null) {
      return new float[length];
    }
    idleBytes -= 4L * length;
    return array;
  }

  synchronized double[] takeDoubles(int length) {
    ArrayDeque<double[]> free = doubles.get(length);
    double[] array = free == null ? null : free.pollLast();
    if (array == null) {
      return new double[length];
    }
    idleBytes -= 8L * length;
    return array;
  }

  synchronized void give(Buffer buffer) {
    switch (buffer) {
      case Buffer.Floats(float[] array) -> {
        if (fits(4L * array.length)) {
          floats.computeIfAbsent(array.length, length -> new ArrayDeque<>()).addLast(array);
        }
      }
      case Buffer.Doubles(double[] array) -> {
        if (fits(8L * array.length)) {
          doubles.computeIfAbsent(array.length, length -> new ArrayDeque<>()).addLast(array);
        }
      }
      case Buffer.Mapped mapped ->
          throw new IllegalArgumentException("mapped memory is not pooled");
    }
  }

  /**
   * Whether so many idle bytes more stay under the limit; sizes not asked for again are dropped
   * when it is reached.
   */
  private boolean fits(long bytes) {
    if (idleBytes + bytes > limitBytes) {
      drop();
    }
    if (bytes > limitBytes) {
      return false;
    }
    idleBytes += bytes;
    return true;
  }

  /** Leaves all idle arrays to the garbage collector. */
  synchronized void drop() {
    floats.clear();
    doubles.clear();
    idleBytes = 0;
  }
}
