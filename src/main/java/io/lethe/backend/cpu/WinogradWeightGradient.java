// The gradient of a convolution's weight by Winograd's filtering: sixteen products over all tiles.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.LANES;

/**
 * The transpose of {@link WinogradProduct} in the weight: {@code dU = M^T V} at each place, summed
 * over tiles, then {@code dg += G^T dU G}. A task owns some filters and some channels and walks
 * over all tiles in stretches of constant length; so the order of the sums follows from the shape
 * alone.
 */
final class WinogradWeightGradient {
  /** Channels of one task at most, and filters: its panels and sums then fit the second cache. */
  private static final int CHANNELS = 64;

  private static final int FILTERS = 96;

  /** Tiles of one stretch at most. */
  private static final int TILES = 64;

  /** Cycles a tile of one core, about: a register tile's products, and its two transforms. */
  private static final long PRODUCT_CYCLES = 192;

  private static final long LEFT_CYCLES = 50;
  private static final long RIGHT_CYCLES = 90;

  private final WorkerPool pool;
  private final PackedScratch[] scratch;

  WinogradWeightGradient(WorkerPool pool, PackedScratch[] scratch) {
    this.pool = pool;
    this.scratch = scratch;
  }

  /** Whether a convolution's forward view pays this way. */
  static boolean suits(ConvView view) {
    return Winograd.isThreeByThree(view)
        && view.channels() % LANES == 0
        && view.channels() >= Winograd.LEAST_CHANNELS
        && view.targetChannels() >= Winograd.LEAST_CHANNELS;
  }

  /** Filters and channels cut into blocks of neighbours. */
  private record Grid(int filterBlocks, int channelBlocks) {}

  void run(ConvView view, float[] dy, float[] x, float[] dw) {
    int tiles = WinogradTiles.of(view).count(view.n());
    int groups = MicroTile.tiles(view.targetChannels());
    int panels = view.channels() / LANES;
    Grid grid = grid(groups, panels);
    WinogradTileGradient left = new WinogradTileGradient(view, dy);
    WinogradInput right = new WinogradInput(view, x);
    long nanos = Winograd.PLACES * (long) tiles * view.targetChannels() * view.channels() / 50;
    pool.run(
        grid.filterBlocks() * grid.channelBlocks(),
        nanos,
        (task, worker) -> {
          int channelBlock = task / grid.filterBlocks();
          int filterBlock = task - channelBlock * grid.filterBlocks();
          int groupFrom = (int) ((long) groups * filterBlock / grid.filterBlocks());
          int groupTo = (int) ((long) groups * (filterBlock + 1) / grid.filterBlocks());
          int panelFrom = (int) ((long) panels * channelBlock / grid.channelBlocks());
          int panelTo = (int) ((long) panels * (channelBlock + 1) / grid.channelBlocks());
          task(
              view,
              left,
              right,
              tiles,
              dw,
              groupFrom * MicroTile.ROWS,
              Math.min(groupTo * MicroTile.ROWS, view.targetChannels()),
              panelFrom * LANES,
              panelTo * LANES,
              scratch[worker]);
        });
  }

  /** The cut that takes the least time of the busiest thread. */
  private Grid grid(int groups, int panels) {
    int leastFilterBlocks = (groups * MicroTile.ROWS + FILTERS - 1) / FILTERS;
    int leastChannelBlocks = (panels * LANES + CHANNELS - 1) / CHANNELS;
    Grid best = null;
    long bestCost = Long.MAX_VALUE;
    for (int c = leastChannelBlocks; c <= panels; c++) {
      for (int f = leastFilterBlocks; f <= groups; f++) {
        int group = (groups + f - 1) / f;
        int pair = ((panels + c - 1) / c + 1) / 2;
        long task =
            (long) group * pair * PRODUCT_CYCLES + group * LEFT_CYCLES + pair * RIGHT_CYCLES;
        long rounds = ((long) f * c + pool.threads() - 1) / pool.threads();
        if (rounds * task < bestCost) {
          bestCost = rounds * task;
          best = new Grid(f, c);
        }
      }
    }
    return best;
  }

  private static void task(
      ConvView view,
      WinogradTileGradient left,
      WinogradInput right,
      int tiles,
      float[] dw,
      int filterFrom,
      int filterTo,
      int channelFrom,
      int channelTo,
      PackedScratch scratch) {
    int channels = channelTo - channelFrom;
    int groups = MicroTile.tiles(filterTo - filterFrom);
    int rows = groups * MicroTile.ROWS;
    int sumFloats = rows * channels + LANES;
    scratch.block =
        PackedScratch.atLeast(scratch.block, CacheLine.FIRST + Winograd.PLACES * sumFloats);
    scratch.cRows = GemmRows.linearRows(scratch.cRows, 0, rows, CacheLine.FIRST, channels);
    int stretches = (tiles + TILES - 1) / TILES;
    for (int stretch = 0; stretch < stretches; stretch++) {
      int from = (int) ((long) tiles * stretch / stretches);
      int to = (int) ((long) tiles * (stretch + 1) / stretches);
      int length = to - from;
      int rightFloats = length * channels + LANES;
      scratch.right =
          PackedScratch.atLeast(scratch.right, CacheLine.FIRST + Winograd.PLACES * rightFloats);
      right.transform(
          from,
          to,
          channelFrom,
          channels,
          scratch.right,
          CacheLine.FIRST,
          LANES,
          LANES * length,
          rightFloats,
          scratch);
      left.transform(from, to, filterFrom, filterTo, scratch);
      multiply(scratch, groups, channels, length, sumFloats, stretch > 0);
    }
    for (int f = filterFrom; f < filterTo; f++) {
      for (int c = 0; c < channels; c += LANES) {
        WinogradKernelGradient.add(
            scratch.block,
            CacheLine.FIRST + (f - filterFrom) * channels + c,
            sumFloats,
            dw,
            (f * view.channels() + channelFrom + c) * 9,
            scratch);
      }
    }
  }

  /** The products of one stretch at all places. */
  private static void multiply(
      PackedScratch scratch,
      int groups,
      int channels,
      int length,
      int sumFloats,
      boolean accumulate) {
    int groupFloats = WinogradTileGradient.rowsFloats(length);
    for (int place = 0; place < Winograd.PLACES; place++) {
      int sums = place * sumFloats;
      float[] d = accumulate ? scratch.block : MicroTile.NOTHING;
      int[] dRows = accumulate ? scratch.cRows : MicroTile.NOTHING_ROWS;
      for (int c = 0; c < channels; c += MicroTile.COLUMNS) {
        int b = CacheLine.FIRST + place * (length * channels + LANES) + c * length;
        for (int group = 0; group < groups; group++) {
          int row = group * MicroTile.ROWS;
          int a = (place * groups + group) * groupFloats;
          int dRow = accumulate ? row : 0;
          int dBase = accumulate ? sums + c : 0;
          MicroTile.tile(
              c + LANES >= channels,
              scratch.left,
              a,
              MicroTile.ROWS,
              length,
              scratch.right,
              b,
              b + LANES * length,
              MicroTile.ZEROS,
              0,
              d,
              dRows,
              dRow,
              dBase,
              scratch.block,
              scratch.cRows,
              row,
              sums + c);
        }
      }
    }
  }
}
