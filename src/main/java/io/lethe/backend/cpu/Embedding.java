// Looks rows of a table up, and adds gradients to them.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;

/** The table may be mapped in any storage type. */
final class Embedding {
  private final PackerReader reader = new PackerReader();

  /** {@code out[i] = table[ids[i]]}. */
  void gather(Buffer table, int[] ids, int c, float[] out) {
    for (int i = 0; i < ids.length; i++) {
      reader.read(table, (long) ids[i] * c, c, out, i * c);
    }
  }

  /** {@code table[ids[i]] += x[i]}, in ascending i. */
  void scatterAdd(float[] x, int[] ids, int c, float[] table) {
    for (int i = 0; i < ids.length; i++) {
      addRow(x, i * c, c, table, ids[i] * c);
    }
  }

  private static void addRow(float[] x, int at, int c, float[] table, int target) {
    for (int j = 0; j < c; j++) {
      table[target + j] += x[at + j];
    }
  }

  /** The whole of a table as floats: its own array, or a copy of mapped memory. */
  float[] whole(Buffer table, int size) {
    if (table instanceof Buffer.Floats(float[] array)) {
      return array;
    }
    float[] copy = new float[size];
    reader.read(table, 0, size, copy, 0);
    return copy;
  }
}
