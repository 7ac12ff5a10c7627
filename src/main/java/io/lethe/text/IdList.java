// A growing list of ids.
package io.lethe.text;

import java.util.Arrays;

/** Token ids without boxing. */
final class IdList {
  private int[] ids = new int[16];
  private int size;

  void add(int... more) {
    if (size + more.length > ids.length) {
      ids = Arrays.copyOf(ids, 2 * (size + more.length));
    }
    System.arraycopy(more, 0, ids, size, more.length);
    size += more.length;
  }

  int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
