// Cuts a product into tasks and sweeps packed panels over them: the one loop nest of products and
// convolutions.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.LANES;

/**
 * {@code c = left right [+ bias] [+ c]} after Goto and van de Geijn (2008). Right sides that are
 * not packed already are packed a few blocks at a time into a buffer that fits the last cache, by
 * all threads; then tasks of some rows and some panels lay out their rows block by block and sweep.
 *
 * <p>How rows and columns are cut follows from caches and threads and changes no digit: an element
 * of c is always the sum over blocks, in order, of sums over steps, in order.
 */
final class GemmProduct {
  private final WorkerPool pool;
  private final PackedScratch[] scratch;
  private final int secondCacheFloats;
  private final long sharedFloats;
  private float[] shared = {};

  GemmProduct(WorkerPool pool, PackedScratch[] scratch, CacheSizes caches) {
    this.pool = pool;
    this.scratch = scratch;
    this.secondCacheFloats = caches.l2() / Float.BYTES;
    this.sharedFloats = Math.clamp(caches.l3() / 4 / Float.BYTES, 1 << 16, 1 << 20);
  }

  /** How a call is cut. */
  private record Grid(
      int tiles, int rowBlocks, int wideTiles, int columnBlocks, boolean panelsStay) {
    int tileFrom(int rowBlock) {
      return (int) ((long) tiles * rowBlock / rowBlocks);
    }

    int wideTileFrom(int columnBlock) {
      return (int) ((long) wideTiles * columnBlock / columnBlocks);
    }
  }

  /**
   * @param packed all of {@code right}, packed, or null
   * @param bias one value a column, or null
   * @param c written where {@code left}'s table of rows says
   * @param accumulate add to c
   */
  void multiply(
      GemmLeft left,
      PackerRight right,
      float[] packed,
      float[] bias,
      float[] c,
      boolean accumulate) {
    if (left.rows() == 0 || right.columns() == 0) {
      return;
    }
    int blocks = right.blocks();
    long steps = right.start(blocks);
    long nanos = steps * left.rows() * right.columns() / MicroTile.STEPS_PER_NANO;
    if (packed != null) {
      sweep(left, right, 0, blocks, packed, bias, c, accumulate, nanos);
      return;
    }
    int from = 0;
    while (from < blocks) {
      int to = from + 1;
      while (to < blocks && fits(right, from, to + 1)) {
        to++;
      }
      long size = MicroTile.packedSize(right.start(to) - right.start(from), right.columns());
      shared = PackedScratch.atLeast(shared, Math.toIntExact(size));
      pack(right, from, to, shared);
      sweep(left, right, from, to, shared, bias, c, accumulate, nanos);
      from = to;
    }
  }

  /** All of a right side, packed. */
  float[] packAll(PackerRight right) {
    int blocks = right.blocks();
    float[] packed =
        new float[Math.toIntExact(MicroTile.packedSize(right.start(blocks), right.columns()))];
    pack(right, 0, blocks, packed);
    return packed;
  }

  private boolean fits(PackerRight right, int from, int to) {
    long steps = (long) right.start(to) - right.start(from);
    return MicroTile.packedSize(steps, right.columns()) <= sharedFloats;
  }

  private void pack(PackerRight right, int from, int to, float[] out) {
    int panels = MicroTile.panels(right.columns());
    int tasks = Math.min(panels, 4 * pool.threads());
    long nanos = (long) right.columns() * (right.start(to) - right.start(from)) / 2;
    pool.run(
        tasks,
        nanos,
        (task, worker) -> {
          int panelFrom = (int) ((long) panels * task / tasks);
          int panelTo = (int) ((long) panels * (task + 1) / tasks);
          right.pack(from, to, panelFrom, panelTo, out, scratch[worker]);
        });
  }

  private void sweep(
      GemmLeft left,
      PackerRight right,
      int from,
      int to,
      float[] packed,
      float[] bias,
      float[] c,
      boolean accumulate,
      long nanos) {
    Grid grid = grid(left, right, from, to);
    pool.run(
        grid.rowBlocks() * grid.columnBlocks(),
        nanos,
        (task, worker) -> {
          int rowBlock = task / grid.columnBlocks();
          int columnBlock = task - rowBlock * grid.columnBlocks();
          int rowFrom = grid.tileFrom(rowBlock) * MicroTile.ROWS;
          int rowTo = Math.min(grid.tileFrom(rowBlock + 1) * MicroTile.ROWS, left.rows());
          int columnFrom = grid.wideTileFrom(columnBlock) * left.tileColumns();
          int columnTo = grid.wideTileFrom(columnBlock + 1) * left.tileColumns();
          sweepTask(
              left,
              right,
              from,
              to,
              packed,
              bias,
              c,
              accumulate,
              rowFrom,
              rowTo,
              columnFrom,
              Math.min(columnTo, right.columns()),
              grid.panelsStay(),
              scratch[worker]);
        });
  }

  /**
   * Some tasks for each thread, with as little as possible read twice and rows that fit the cache.
   */
  private Grid grid(GemmLeft left, PackerRight right, int from, int to) {
    int tiles = MicroTile.tiles(left.rows());
    int wideTiles = (right.columns() + left.tileColumns() - 1) / left.tileColumns();
    int longest = 0;
    int largest = 0;
    for (int block = from; block < to; block++) {
      longest = Math.max(longest, left.length(block));
      largest = Math.max(largest, left.tileFloats(block));
    }
    // Each block of rows reads all panels, each pair of panels all rows of the block. If the panels
    // fit the second cache they stay there, and rows come in small portions; if not, rows take
    // half.
    boolean panelsStay = (long) longest * right.columns() <= secondCacheFloats / 4 * 3L;
    int leftFloats = panelsStay ? secondCacheFloats / 8 : secondCacheFloats / 2;
    int most = Math.max(1, leftFloats / largest);
    int least = (tiles + most - 1) / most;
    int threads = pool.threads();
    int wanted = threads == 1 ? 1 : 6 * threads;
    long steps = (long) right.start(to) - right.start(from);
    Grid best = null;
    double bestCost = Double.MAX_VALUE;
    for (int columnBlocks = 1; columnBlocks <= Math.min(wideTiles, wanted); columnBlocks++) {
      int fewest = Math.min(tiles, Math.max(least, (wanted + columnBlocks - 1) / columnBlocks));
      for (int rowBlocks = fewest; rowBlocks <= Math.min(tiles, fewest + threads); rowBlocks++) {
        int tasks = rowBlocks * columnBlocks;
        int turns = (tasks + threads - 1) / threads;
        double idle = Math.max(0, wanted - tasks) / 8.0 + (double) turns * threads / tasks - 1;
        double cost =
            (double) rowBlocks * steps * right.columns()
                + 4.0 * columnBlocks * steps * left.rows()
                + idle * steps * right.columns() * left.rows() / 8;
        if (cost < bestCost) {
          bestCost = cost;
          best = new Grid(tiles, rowBlocks, wideTiles, columnBlocks, panelsStay);
        }
      }
    }
    return best;
  }

  private static void sweepTask(
      GemmLeft left,
      PackerRight right,
      int from,
      int to,
      float[] packed,
      float[] bias,
      float[] c,
      boolean accumulate,
      int rowFrom,
      int rowTo,
      int columnFrom,
      int columnTo,
      boolean panelsStay,
      PackedScratch scratch) {
    int begin = right.start(from);
    int steps = right.start(to) - begin;
    int wide = left.tileColumns();
    int rows = rowTo - rowFrom;
    int portion = left.portion(rows, panelsStay);
    left.begin(rowFrom, rowTo, scratch);
    for (int block = from; block < to; block++) {
      left.block(block, rowFrom, rowTo, scratch);
      int length = left.length(block);
      boolean add = accumulate || block > 0;
      int blockAt = CacheLine.FIRST + (right.start(block) - begin) * right.group() * LANES;
      for (int row = 0; row < rows; row += portion) {
        for (int column = columnFrom; column < columnTo; column += wide) {
          int columns = Math.min(wide, columnTo - column);
          int bAt = blockAt + column * steps;
          int bNext = bAt + LANES * steps;
          float[] init = MicroTile.ZEROS;
          int initAt = 0;
          if (bias != null && block == 0) {
            init = bias;
            initAt = column;
            if (columns < wide) {
              init = scratch.init;
              System.arraycopy(bias, initAt, init, 0, columns);
              initAt = 0;
            }
          }
          left.sweep(
              scratch,
              row,
              Math.min(row + portion, rows),
              columns,
              length,
              packed,
              bAt,
              bNext,
              init,
              initAt,
              add,
              c,
              column);
        }
      }
    }
  }
}
