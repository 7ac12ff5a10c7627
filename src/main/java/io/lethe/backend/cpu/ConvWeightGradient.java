// The gradient of a convolution's weight: a product over all pixels, scattered into the
// checkpoint's layout.
package io.lethe.backend.cpu;

import io.lethe.backend.ConvShape;

/**
 * {@code dw[f, c, t] += sum_pixels dy[pixel, f] x[pixel shifted by t, c]}. A task owns some filters
 * and some channels with all taps, walks over all pixels in stretches of constant length, and adds
 * its block to dw at the end; so the order of the sums follows from the shape alone.
 */
final class ConvWeightGradient {
  /** Channels of one task: one panel a tap. */
  private static final int CHANNELS = MicroTile.COLUMNS;

  /** Filters of one task at most, so that its three panels fit the second cache. */
  private static final int FILTERS = 192;

  private final WorkerPool pool;
  private final PackedScratch[] scratch;

  ConvWeightGradient(WorkerPool pool, PackedScratch[] scratch) {
    this.pool = pool;
    this.scratch = scratch;
  }

  void run(ConvShape shape, float[] dy, float[] x, float[] dw) {
    ConvView view = ConvView.forward(shape);
    int pixels = shape.n() * view.rows() * view.columns();
    if (pixels == 0) {
      return;
    }
    // Few channels: all taps of all channels side by side in as few panels as they need.
    boolean few = shape.channels() <= ConvRows.MOST_CHANNELS;
    int channelBlocks = few ? 1 : (shape.channels() + CHANNELS - 1) / CHANNELS;
    int most = (shape.filters() + MicroTile.ROWS - 1) / MicroTile.ROWS;
    int wanted = (2 * pool.threads() + channelBlocks - 1) / channelBlocks;
    int filterBlocks = Math.min(most, Math.max((shape.filters() + FILTERS - 1) / FILTERS, wanted));
    long nanos = shape.flops() / 100;
    pool.run(
        channelBlocks * filterBlocks,
        nanos,
        (task, worker) -> {
          int channelBlock = task / filterBlocks;
          int filterBlock = task - channelBlock * filterBlocks;
          int filterFrom = (int) ((long) shape.filters() * filterBlock / filterBlocks);
          int filterTo = (int) ((long) shape.filters() * (filterBlock + 1) / filterBlocks);
          int channelFrom = few ? 0 : channelBlock * CHANNELS;
          int channelTo =
              few ? shape.channels() : Math.min(channelFrom + CHANNELS, shape.channels());
          task(view, dy, x, dw, filterFrom, filterTo, channelFrom, channelTo, few, scratch[worker]);
        });
  }

  private static void task(
      ConvView view,
      float[] dy,
      float[] x,
      float[] dw,
      int filterFrom,
      int filterTo,
      int channelFrom,
      int channelTo,
      boolean few,
      PackedScratch scratch) {
    int taps = view.taps().length;
    int filters = filterTo - filterFrom;
    int channels = channelTo - channelFrom;
    int columns = few ? taps * channels : channels;
    int panels = few ? MicroTile.panels(columns) : taps;
    int blockStride = panels * MicroTile.COLUMNS;
    scratch.block = PackedScratch.atLeast(scratch.block, filters * blockStride);
    scratch.cRows = GemmRows.linearRows(scratch.cRows, 0, filters, 0, blockStride);
    int pixels = view.n() * view.rows() * view.columns();
    int blocks = PackerMatrix.blocks(pixels);
    for (int block = 0; block < blocks; block++) {
      int first = PackerMatrix.start(block, pixels);
      int length = PackerMatrix.start(block + 1, pixels) - first;
      scratch.left =
          GemmColumns.interleave(
              dy,
              first * view.targetChannels(),
              view.targetChannels(),
              length,
              filterFrom,
              filters,
              scratch.left);
      scratch.right = PackedScratch.atLeast(scratch.right, blockStride * length);
      if (few) {
        packWindows(view, x, first, length, columns, scratch.right);
      } else {
        packTaps(view, x, first, length, channelFrom, channels, scratch.right);
      }
      for (int panel = 0; panel < panels; panel++) {
        int covered =
            few ? Math.min(MicroTile.COLUMNS, columns - panel * MicroTile.COLUMNS) : channels;
        MicroTile.sweepColumns(
            scratch,
            filters,
            covered,
            scratch.left,
            0,
            length,
            scratch.right,
            panel * MicroTile.COLUMNS * length,
            MicroTile.ZEROS,
            0,
            block > 0,
            scratch.block,
            scratch.cRows,
            panel * MicroTile.COLUMNS);
      }
    }
    int tapStride = few ? channels : MicroTile.COLUMNS;
    for (int f = 0; f < filters; f++) {
      int to = ((filterFrom + f) * view.channels() + channelFrom) * taps;
      int from = f * blockStride;
      for (int c = 0; c < channels; c++) {
        for (int tap = 0; tap < taps; tap++) {
          dw[to + c * taps + tap] += scratch.block[from + tap * tapStride + c];
        }
      }
    }
  }

  /** One panel a tap: {@code out[tap, pixel, c] = x[pixel shifted by tap, channelFrom + c]}. */
  private static void packTaps(
      ConvView view, float[] x, int first, int length, int channelFrom, int channels, float[] out) {
    int width = MicroTile.width(channels);
    for (int tap = 0; tap < view.taps().length; tap++) {
      int panel = tap * MicroTile.COLUMNS * length;
      for (int i = 0; i < length; i++) {
        int from = sourceOf(view, first + i, tap);
        int to = panel + i * width;
        int filled = 0;
        if (from >= 0) {
          System.arraycopy(x, from + channelFrom, out, to, channels);
          filled = channels;
        }
        for (int c = filled; c < width; c++) {
          out[to + c] = 0f;
        }
      }
    }
  }

  /** Windows side by side: column {@code tap * channels + c}. */
  private static void packWindows(
      ConvView view, float[] x, int first, int length, int columns, float[] out) {
    int channels = view.channels();
    int padded = MicroTile.panels(columns) * MicroTile.COLUMNS;
    for (int i = 0; i < length; i++) {
      for (int column = 0; column < padded; column++) {
        int panel = column / MicroTile.COLUMNS;
        int inPanel = column - panel * MicroTile.COLUMNS;
        int width =
            MicroTile.width(Math.min(MicroTile.COLUMNS, columns - panel * MicroTile.COLUMNS));
        if (inPanel >= width) {
          continue;
        }
        int tap = column / channels;
        int from = column < columns ? sourceOf(view, first + i, tap) : -1;
        out[panel * MicroTile.COLUMNS * length + i * width + inPanel] =
            from < 0 ? 0f : x[from + column - tap * channels];
      }
    }
  }

  /** Where the source pixel of a tap begins, or -1 in the padding. */
  private static int sourceOf(ConvView view, int pixel, int tap) {
    int line = pixel / view.columns();
    int column = pixel - line * view.columns();
    int sample = line / view.rows();
    int y = (line - sample * view.rows()) * view.step() + view.tapRows()[tap];
    int xAt = column * view.step() + view.tapColumns()[tap];
    if (y < 0 || y >= view.height() || xAt < 0 || xAt >= view.width()) {
      return -1;
    }
    return ((sample * view.height() + y) * view.width() + xAt) * view.channels();
  }
}
