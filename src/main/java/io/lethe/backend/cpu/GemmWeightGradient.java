// The product of a weight's gradient: a sum over so many rows that neither side is packed as a
// whole.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@code c [m, n] = sum_p a[p, :]^T b[p, :] [+ c]} for {@code a [k, m]} and {@code b [k, n]}, where
 * k, pixels or tokens of a batch, is much larger than a layer is wide.
 *
 * <p>{@link GemmProduct} would write all of b again, packed, and make all threads wait for it more
 * than once. Here a task owns a block of c and walks down the slices of the sum: it packs its
 * columns of b for one slice, which stay in the second cache, and reads a where it lies, since a
 * register tile's rows are neighbours there. Nobody waits for anybody.
 *
 * <p>A slice has a length that follows from k alone, so every sum is the same for any number of
 * tasks.
 */
final class GemmWeightGradient {
  /** Steps of one slice at most: each costs a pass over c, and its share of b must stay cached. */
  private static final int SLICE = 512;

  /** Shorter sums are packed at once. */
  private static final int LEAST_STEPS = 2048;

  /** Panels that are packed side by side, as in {@link PackerMatrix}. */
  private static final int PANELS = 8;

  private final WorkerPool pool;
  private final PackedScratch[] scratch;
  private final int mostColumns;

  GemmWeightGradient(WorkerPool pool, PackedScratch[] scratch, CacheSizes caches) {
    this.pool = pool;
    this.scratch = scratch;
    int cached = caches.l2() / 2 / Float.BYTES / SLICE / MicroTile.COLUMNS;
    this.mostColumns = Math.max(1, cached) * MicroTile.COLUMNS;
  }

  /**
   * Whether a sum over so many steps is computed this way: its digits may depend on nothing else.
   */
  static boolean suits(int k) {
    return k >= LEAST_STEPS;
  }

  void multiply(int m, int n, int k, float[] a, float[] b, float[] c, boolean accumulate) {
    if (m == 0 || n == 0) {
      return;
    }
    int tiles = MicroTile.tiles(m);
    int wideTiles = (n + MicroTile.COLUMNS - 1) / MicroTile.COLUMNS;
    int fewest = (n + mostColumns - 1) / mostColumns;
    int columnBlocks = Math.clamp(pool.threads(), fewest, Math.max(fewest, wideTiles));
    int rowBlocks = Math.min(tiles, (pool.threads() + columnBlocks - 1) / columnBlocks);
    pool.run(
        rowBlocks * columnBlocks,
        (long) m * n * k / MicroTile.STEPS_PER_NANO,
        (task, worker) -> {
          int rowBlock = task / columnBlocks;
          int columnBlock = task - rowBlock * columnBlocks;
          int rowFrom = (int) ((long) tiles * rowBlock / rowBlocks) * MicroTile.ROWS;
          int rowTo = (int) ((long) tiles * (rowBlock + 1) / rowBlocks) * MicroTile.ROWS;
          int from = (int) ((long) wideTiles * columnBlock / columnBlocks) * MicroTile.COLUMNS;
          int to = (int) ((long) wideTiles * (columnBlock + 1) / columnBlocks) * MicroTile.COLUMNS;
          int rows = Math.min(rowTo, m) - rowFrom;
          int columns = Math.min(to, n) - from;
          PackedScratch own = scratch[worker];
          own.cRows = GemmRows.linearRows(own.cRows, rowFrom, rowFrom + rows, 0, n);
          int slices = (k + SLICE - 1) / SLICE;
          for (int slice = 0; slice < slices; slice++) {
            int first = (int) ((long) k * slice / slices);
            int steps = (int) ((long) k * (slice + 1) / slices) - first;
            pack(b, first * n + from, n, steps, columns, own);
            sweep(
                own,
                a,
                first * m + rowFrom,
                m,
                rows,
                steps,
                columns,
                c,
                from,
                accumulate || slice > 0);
          }
        });
  }

  /** {@code scratch.right[panel, step, lane] = b[at + step * stride + column]}. */
  private static void pack(
      float[] b, int at, int stride, int steps, int columns, PackedScratch scratch) {
    int panels = MicroTile.panels(columns);
    float[] out =
        scratch.right =
            PackedScratch.atLeast(
                scratch.right, Math.toIntExact(MicroTile.packedSize(steps, columns)));
    int whole = columns / LANES;
    for (int panel = 0; panel < whole; panel += PANELS) {
      int count = Math.min(PANELS, whole - panel);
      for (int step = 0; step < steps; step++) {
        int from = at + step * stride + panel * LANES;
        int to = CacheLine.FIRST + (panel * steps + step) * LANES;
        for (int i = 0; i < count; i++) {
          FloatVector.fromArray(FLOATS, b, from + i * LANES).intoArray(out, to + i * steps * LANES);
        }
      }
    }
    for (int step = 0; whole < panels && step < steps; step++) {
      int from = at + step * stride + whole * LANES;
      int to = CacheLine.FIRST + (whole * steps + step) * LANES;
      System.arraycopy(b, from, out, to, columns - whole * LANES);
    }
  }

  /** One slice: all rows by all columns of a task. */
  private static void sweep(
      PackedScratch scratch,
      float[] a,
      int at,
      int stride,
      int rows,
      int steps,
      int columns,
      float[] c,
      int cBase,
      boolean add) {
    int tall = MicroTile.ROWS;
    int whole = rows / tall * tall;
    // The last tile reads beyond its rows, so it has a place of its own.
    GemmColumns.interleave(a, at + whole, stride, steps, rows - whole, scratch);
    float[] b = scratch.right;
    for (int column = 0; column < columns; column += MicroTile.COLUMNS) {
      int width = Math.min(MicroTile.COLUMNS, columns - column);
      int bAt = CacheLine.FIRST + column * steps;
      int bNext = bAt + LANES * steps;
      MicroTile.sweep(
          scratch,
          a,
          at,
          tall,
          stride,
          0,
          whole,
          width,
          steps,
          b,
          bAt,
          bNext,
          MicroTile.ZEROS,
          0,
          add,
          c,
          cBase + column);
      MicroTile.sweep(
          scratch,
          scratch.left,
          0,
          tall * steps,
          tall,
          whole,
          rows,
          width,
          steps,
          b,
          bAt,
          bNext,
          MicroTile.ZEROS,
          0,
          add,
          c,
          cBase + column);
    }
  }
}
