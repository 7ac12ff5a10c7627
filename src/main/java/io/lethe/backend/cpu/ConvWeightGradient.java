// The gradient of a convolution's weight: a product over all pixels, scattered into the
// checkpoint's layout.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.backend.ConvShape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

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

  /** Pixels of one stretch at most. */
  private static final int PIXELS = 256;

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
    int most = MicroTile.tiles(shape.filters());
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
    int pairs = few ? (columns + MicroTile.COLUMNS - 1) / MicroTile.COLUMNS : taps;
    int blockStride = pairs * MicroTile.COLUMNS;
    scratch.block = PackedScratch.atLeast(scratch.block, filters * blockStride);
    scratch.cRows = GemmRows.linearRows(scratch.cRows, 0, filters, 0, blockStride);
    int pixels = view.n() * view.rows() * view.columns();
    int blocks = (pixels + PIXELS - 1) / PIXELS;
    for (int block = 0; block < blocks; block++) {
      int first = (int) ((long) pixels * block / blocks);
      int length = (int) ((long) pixels * (block + 1) / blocks) - first;
      GemmColumns.interleave(
          dy,
          first * view.targetChannels() + filterFrom,
          view.targetChannels(),
          length,
          filters,
          scratch);
      scratch.right = PackedScratch.atLeast(scratch.right, CacheLine.FIRST + blockStride * length);
      if (few) {
        packWindows(view, x, first, length, scratch.right);
      } else {
        packTaps(view, x, first, length, channelFrom, channels, scratch.right);
      }
      for (int pair = 0; pair < pairs; pair++) {
        int column = pair * MicroTile.COLUMNS;
        int covered = few ? Math.min(MicroTile.COLUMNS, columns - column) : channels;
        MicroTile.sweep(
            scratch,
            0,
            filters,
            covered,
            length,
            scratch.right,
            CacheLine.FIRST + column * length,
            CacheLine.FIRST + (column + LANES) * length,
            MicroTile.ZEROS,
            0,
            block > 0,
            scratch.block,
            column);
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
    for (int tap = 0; tap < view.taps().length; tap++) {
      int at = CacheLine.FIRST + tap * MicroTile.COLUMNS * length;
      int done = 0;
      while (done < length) {
        int line = (first + done) / view.columns();
        int column = first + done - line * view.columns();
        int run = Math.min(view.columns() - column, length - done);
        packLine(
            view, x, line, column, run, tap, channelFrom, channels, out, at + done * LANES, length);
        done += run;
      }
    }
  }

  /** The pixels of one line of the target, for one tap. */
  private static void packLine(
      ConvView view,
      float[] x,
      int line,
      int column,
      int run,
      int tap,
      int channelFrom,
      int channels,
      float[] out,
      int to,
      int length) {
    int sample = line / view.rows();
    int y = (line - sample * view.rows()) * view.step() + view.tapRows()[tap];
    int left = column * view.step() + view.tapColumns()[tap];
    // Pixels before begin and from end on fall into the padding.
    int begin = run;
    int end = run;
    if (y >= 0 && y < view.height()) {
      begin = Math.clamp((-left + view.step() - 1) / view.step(), 0, run);
      end = Math.clamp((view.width() - left + view.step() - 1) / view.step(), begin, run);
    }
    int stride = view.step() * view.channels();
    int from = ((sample * view.height() + y) * view.width() + left) * view.channels() + channelFrom;
    for (int c = 0; c < channels; c += LANES) {
      int at = to + c * length;
      Arrays.fill(out, at, at + begin * LANES, 0f);
      Arrays.fill(out, at + end * LANES, at + run * LANES, 0f);
      int width = Math.min(LANES, channels - c);
      if (width == LANES) {
        for (int i = begin; i < end; i++) {
          FloatVector.fromArray(FLOATS, x, from + c + i * stride).intoArray(out, at + i * LANES);
        }
      } else {
        for (int i = begin; i < end; i++) {
          for (int j = 0; j < width; j++) {
            out[at + i * LANES + j] = x[from + c + i * stride + j];
          }
        }
      }
    }
  }

  /** Windows side by side: column {@code tap * channels + c}. */
  private static void packWindows(ConvView view, float[] x, int first, int length, float[] out) {
    int channels = view.channels();
    for (int i = 0; i < length; i++) {
      int line = (first + i) / view.columns();
      int column = first + i - line * view.columns();
      int sample = line / view.rows();
      int top = (line - sample * view.rows()) * view.step();
      int left = column * view.step();
      for (int tap = 0; tap < view.taps().length; tap++) {
        int y = top + view.tapRows()[tap];
        int xAt = left + view.tapColumns()[tap];
        boolean inside = y >= 0 && y < view.height() && xAt >= 0 && xAt < view.width();
        int from = ((sample * view.height() + y) * view.width() + xAt) * channels;
        for (int c = 0; c < channels; c++) {
          int at = tap * channels + c;
          int panel = at / LANES;
          out[CacheLine.FIRST + (panel * length + i) * LANES + at - panel * LANES] =
              inside ? x[from + c] : 0f;
        }
      }
    }
  }
}
