// The loop nest of a convolution by Winograd's filtering: tiles in, sixteen products, pixels out.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;

/**
 * A task transforms the windows of some tiles, and for one register tile's columns after the other
 * multiplies them with the weights at all sixteen places and transforms the sums into pixels: so
 * neither windows nor sums are ever in memory for more than one task a thread. An element is a sum
 * over channels in order, and no cut changes it.
 */
final class WinogradProduct {
  private final WorkerPool pool;
  private final PackedScratch[] scratch;
  private final int secondCacheFloats;
  private final int lastCacheFloats;
  private float[] shared = {};

  WinogradProduct(WorkerPool pool, PackedScratch[] scratch, CacheSizes caches) {
    this.pool = pool;
    this.scratch = scratch;
    this.secondCacheFloats = caches.l2() / Float.BYTES;
    this.lastCacheFloats = caches.l3() / Float.BYTES;
  }

  /** A new array with all of the weights. */
  float[] packAll(WinogradWeights right) {
    float[] packed = new float[Math.toIntExact(right.size())];
    pack(right, packed);
    return packed;
  }

  private void pack(WinogradWeights right, float[] out) {
    int panels = right.columns() / LANES;
    int tasks = Math.min(panels, 4 * pool.threads());
    pool.run(
        tasks,
        (long) right.columns() * right.summed() * 4,
        (task, worker) -> {
          int panelFrom = (int) ((long) panels * task / tasks);
          int panelTo = (int) ((long) panels * (task + 1) / tasks);
          right.pack(panelFrom, panelTo, out, scratch[worker]);
        });
  }

  /**
   * @param view a convolution that {@link Winograd#suits}
   * @param packed all of {@code right}, packed, or null
   * @param bias one value a column, or null
   */
  void run(
      ConvView view,
      float[] source,
      WinogradWeights right,
      float[] packed,
      float[] bias,
      float[] target) {
    float[] weights = packed;
    if (weights == null) {
      shared = PackedScratch.atLeast(shared, Math.toIntExact(right.size()));
      pack(right, shared);
      weights = shared;
    }
    float[] u = weights;
    WinogradInput input = new WinogradInput(view, source);
    WinogradOutput output = new WinogradOutput(view, target);
    int tiles = WinogradTiles.of(view).count(view.n());
    int rowTiles = (tiles + MicroLines6.ROWS - 1) / MicroLines6.ROWS;
    int wideTiles = right.columns() / Winograd.COLUMNS;
    // Each block of rows reads all weights. While they stay in the last cache, that costs little,
    // and
    // the block's windows stay in the second; else blocks are so large that their sums just stay
    // there, and it is the windows that come from the last.
    boolean weightsStay = right.size() <= lastCacheFloats / 2;
    int stepFloats = (weightsStay ? right.summed() : 0) + Winograd.COLUMNS;
    int tileFloats = Winograd.PLACES * MicroLines6.ROWS * stepFloats;
    int most = Math.max(1, secondCacheFloats / 4 * 3 / tileFloats);
    int fewest = (rowTiles + most - 1) / most;
    int threads = pool.threads();
    int wanted = threads == 1 ? 1 : (weightsStay ? 4 : 2) * threads;
    int rowBlocks = weightsStay ? Math.min(rowTiles, Math.max(fewest, wanted)) : fewest;
    // Few tiles for many threads: columns are shared too, and windows transformed for each share.
    int columnBlocks = Math.clamp((weightsStay ? wanted / 2 : wanted) / rowBlocks, 1, wideTiles);
    long nanos =
        Winograd.PLACES
            * (long) tiles
            * right.columns()
            * right.summed()
            / MicroTile.STEPS_PER_NANO;
    pool.run(
        rowBlocks * columnBlocks,
        nanos,
        (task, worker) -> {
          int rowBlock = task / columnBlocks;
          int columnBlock = task - rowBlock * columnBlocks;
          int from = (int) ((long) rowTiles * rowBlock / rowBlocks) * MicroLines6.ROWS;
          int to = (int) ((long) rowTiles * (rowBlock + 1) / rowBlocks) * MicroLines6.ROWS;
          int wideFrom = (int) ((long) wideTiles * columnBlock / columnBlocks);
          int wideTo = (int) ((long) wideTiles * (columnBlock + 1) / columnBlocks);
          task(
              input,
              output,
              right,
              u,
              bias,
              from,
              Math.min(to, tiles),
              wideFrom * Winograd.COLUMNS,
              wideTo * Winograd.COLUMNS,
              scratch[worker]);
        });
  }

  private static void task(
      WinogradInput input,
      WinogradOutput output,
      WinogradWeights right,
      float[] weights,
      float[] bias,
      int from,
      int to,
      int columnFrom,
      int columnTo,
      PackedScratch scratch) {
    int steps = right.summed();
    int tiles = to - from;
    int rows = (tiles + MicroLines6.ROWS - 1) / MicroLines6.ROWS * MicroLines6.ROWS;
    int leftFloats = tiles * steps + LANES;
    scratch.left =
        PackedScratch.atLeast(scratch.left, CacheLine.FIRST + Winograd.PLACES * leftFloats);
    input.transform(
        from, to, 0, steps, scratch.left, CacheLine.FIRST, steps, LANES, leftFloats, scratch);
    scratch.aRows = GemmRows.linearRows(scratch.aRows, 0, rows, CacheLine.FIRST, steps);
    // rows beyond the last read what it reads
    Arrays.fill(scratch.aRows, tiles, rows, scratch.aRows[tiles - 1]);
    scratch.shifts = PackedScratch.atLeast(scratch.shifts, 1);
    int sumFloats = rows * Winograd.COLUMNS + LANES;
    scratch.block =
        PackedScratch.atLeast(scratch.block, CacheLine.FIRST + Winograd.PLACES * sumFloats);
    scratch.cRows = GemmRows.linearRows(scratch.cRows, 0, rows, CacheLine.FIRST, Winograd.COLUMNS);
    for (int column = columnFrom; column < columnTo; column += Winograd.COLUMNS) {
      for (int place = 0; place < Winograd.PLACES; place++) {
        int b = CacheLine.FIRST + place * right.placeFloats() + column * steps;
        multiply(scratch, rows, place * leftFloats, steps, weights, b, place * sumFloats);
      }
      output.transform(
          from,
          to,
          scratch.block,
          CacheLine.FIRST,
          sumFloats,
          column,
          Winograd.COLUMNS,
          bias == null ? MicroTile.ZEROS : bias,
          bias == null ? 0 : column);
    }
  }

  /** The product of one place for one register tile's columns. */
  private static void multiply(
      PackedScratch scratch, int rows, int left, int steps, float[] b, int bAt, int sums) {
    if (LANES == 16) {
      scratch.shifts[0] = left;
    }
    for (int row = 0; row < rows; row += MicroLines6.ROWS) {
      if (LANES == 16) {
        MicroLines6.tile(
            scratch.left,
            scratch.aRows,
            row,
            scratch.shifts,
            1,
            steps,
            b,
            bAt,
            MicroTile.ZEROS,
            0,
            MicroTile.NOTHING,
            MicroTile.NOTHING_ROWS,
            0,
            0,
            scratch.block,
            scratch.cRows,
            row,
            sums);
      } else {
        MicroLines6Pair.tile(
            scratch.left,
            scratch.aRows,
            row,
            left,
            steps,
            b,
            bAt,
            scratch.block,
            scratch.cRows,
            row,
            sums);
      }
    }
  }
}
