// Rows of a table, one for each token id.
package io.lethe.autograd.ops;

import io.lethe.LetheException;
import io.lethe.autograd.Operation;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * {@code y[n, t] = table[ids[n, t]]}.
 *
 * <p>Shapes: {@code table [vocabulary, c]}, {@code ids [n * t]}, {@code y [n, t, c]}. Saved: the
 * ids. Backward: {@code dtable[ids[i]] += dy[i]}, in ascending i.
 */
public final class Embedding implements Operation {
  private final Value table;
  private final int[] ids;

  private Embedding(Value table, int[] ids) {
    this.table = table;
    this.ids = ids;
  }

  /** Forward. @param ids n rows of equal length, one after the other */
  public static Value apply(Tape tape, Value table, int n, int[] ids) {
    Shapes.requireRank("Embedding", table.data(), 2);
    int vocabulary = table.data().shape().dim(0);
    if (n < 1 || ids.length % n != 0) {
      throw new LetheException(
          "Embedding: " + ids.length + " token ids are not " + n + " equal rows");
    }
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new LetheException(
            "token id " + id + " is outside the " + vocabulary + " rows of " + table.data());
      }
    }
    Tensor y = tape.allocate("embedding", Shape.of(n, ids.length / n, table.data().shape().dim(1)));
    tape.backend().gatherRows(table.data(), ids, y);
    return tape.record(new Embedding(table, ids.clone()), y, table);
  }

  @Override
  public void backward(Tape tape, Tensor dy) {
    tape.backend().scatterAddRows(dy, ids, table.gradient());
  }

  @Override
  public long flops() {
    return 0;
  }

  @Override
  public long bytes() {
    return 8L * ids.length * table.data().shape().dim(1);
  }
}
