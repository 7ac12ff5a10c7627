// The left side of a convolution: windows of the padded picture, one block of channels at a time.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Rows of the product are the target's pixels, steps run over (tap, channel). A block is packed in
 * two moves: the lines of the source that the task's pixels need are transposed once, with their
 * padding, into a band {@code [line, channel, phase, column]}; in it the pixels of a tile lie side
 * by side for every tap, so the second move copies them vector by vector. Columns that a stride
 * keeps apart are neighbours within their phase, column modulo stride.
 */
final class ConvBand implements GemmLeft {
  private final ConvView view;
  private final float[] source;
  private final int firstRow;
  private final int lastRow;
  private final int firstColumn;
  private final int phaseFloats;
  private final int channelFloats;

  ConvBand(ConvView view, float[] source) {
    this.view = view;
    this.source = source;
    this.firstRow = view.firstTapRow();
    this.lastRow = view.lastTapRow();
    this.firstColumn = view.firstTapColumn();
    // Whole vectors are stored from any column on.
    int columns = view.columns() + (view.lastTapColumn() - firstColumn) / view.step();
    this.phaseFloats = columns + LANES;
    this.channelFloats = view.step() * phaseFloats;
  }

  @Override
  public int rows() {
    return view.n() * view.rows() * view.columns();
  }

  @Override
  public int length(int block) {
    return channels(block) * view.taps().length;
  }

  private int channels(int block) {
    return PackerTaps.channel(block + 1, view.channels())
        - PackerTaps.channel(block, view.channels());
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    fillTargets(view, rowFrom, rowTo, scratch);
  }

  /** Where each pixel of the target begins. */
  static void fillTargets(ConvView view, int rowFrom, int rowTo, PackedScratch scratch) {
    int[] cRows = scratch.cRows = PackedScratch.atLeast(scratch.cRows, rowTo - rowFrom);
    for (int pixel = rowFrom; pixel < rowTo; pixel++) {
      int line = pixel / view.columns();
      int sample = line / view.rows();
      int row = view.targetRow() + (line - sample * view.rows()) * view.targetStep();
      int column = view.targetColumn() + (pixel - line * view.columns()) * view.targetStep();
      int at = (sample * view.targetHeight() + row) * view.targetWidth() + column;
      cRows[pixel - rowFrom] = at * view.targetChannels();
    }
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int count = channels(block);
    int lineFrom = rowFrom / view.columns();
    int lineTo = (rowTo - 1) / view.columns() + 1;
    fillBand(PackerTaps.channel(block, view.channels()), count, lineFrom, lineTo, scratch);
    float[] left = scratch.reserveLeft(rowTo - rowFrom, length(block));
    int at = 0;
    for (int row = rowFrom; row < rowTo; row += MicroTile.ROWS) {
      int covered = Math.min(MicroTile.ROWS, rowTo - row);
      for (int tap = 0; tap < view.taps().length; tap++) {
        packTile(row, covered, tap, count, lineFrom, scratch, left, at);
        at += count * MicroTile.ROWS;
      }
    }
  }

  /** The lines that the target's lines {@code lineFrom .. lineTo - 1} need, each once. */
  private void fillBand(int first, int count, int lineFrom, int lineTo, PackedScratch scratch) {
    int[] bandLines = PackedScratch.atLeast(scratch.bandLines, lineTo - lineFrom);
    scratch.bandLines = bandLines;
    int[] stepRows = scratch.reserveSteps(count, channelFloats);
    int lineFloats = count * channelFloats;
    // Vectors are read up to a tile before a line.
    int at = LANES;
    for (int line = lineFrom; line < lineTo; ) {
      int sample = line / view.rows();
      int row = line - sample * view.rows();
      int run = Math.min(view.rows() - row, lineTo - line);
      int top = row * view.step() + firstRow;
      int bottom = (row + run - 1) * view.step() + lastRow;
      int end = at + (bottom - top + 1) * lineFloats;
      scratch.band = PackedScratch.kept(scratch.band, end + LANES);
      for (int y = top; y <= bottom; y++) {
        int to = at + (y - top) * lineFloats;
        fillLine(sample, y, first, count, scratch, stepRows, to);
      }
      for (int i = 0; i < run; i++) {
        bandLines[line + i - lineFrom] = at + i * view.step() * lineFloats;
      }
      at = end;
      line += run;
    }
  }

  /** One padded line of the source, {@code count} channels of it, transposed. */
  private void fillLine(
      int sample, int y, int first, int count, PackedScratch scratch, int[] stepRows, int to) {
    float[] band = scratch.band;
    if (y < 0 || y >= view.height()) {
      Arrays.fill(band, to, to + count * channelFloats, 0f);
      return;
    }
    int step = view.step();
    int used = phaseFloats - LANES;
    for (int phase = 0; phase < step; phase++) {
      // Columns begin .. end - 1 of this phase lie in the picture, at x = firstColumn + phase + i *
      // step.
      int left = firstColumn + phase;
      int begin = Math.clamp(Math.floorDiv(-left + step - 1, step), 0, used);
      int end = Math.clamp(Math.floorDiv(view.width() - left + step - 1, step), begin, used);
      int at = to + phase * phaseFloats;
      if (begin < end) {
        int x = left + begin * step;
        int from = ((sample * view.height() + y) * view.width() + x) * view.channels() + first;
        int width = FLOATS.loopBound(end - begin + LANES - 1);
        PackerTranspose.transpose(
            source,
            from,
            step * view.channels(),
            end - begin,
            width,
            count,
            scratch.square,
            band,
            at + begin,
            stepRows);
      }
      fillColumns(band, at, 0, begin, count);
      fillColumns(band, at, end, used, count);
    }
  }

  /** Zeros in some columns of each channel: mostly one, for which {@link Arrays#fill} is slow. */
  private void fillColumns(float[] band, int at, int from, int to, int count) {
    for (int column = at + from; column < at + to; column++) {
      for (int c = 0; c < count; c++) {
        band[column + c * channelFloats] = 0f;
      }
    }
  }

  /** The channels of one tap for the pixels of one tile, which may lie in several lines. */
  private void packTile(
      int row,
      int covered,
      int tap,
      int count,
      int lineFrom,
      PackedScratch scratch,
      float[] left,
      int at) {
    int down = (view.tapRows()[tap] - firstRow) * count * channelFloats;
    int across = view.tapColumns()[tap] - firstColumn;
    int shift = down + across % view.step() * phaseFloats + across / view.step();
    float[] band = scratch.band;
    int lane = 0;
    if (MicroTile.ROWS <= LANES) {
      // Mostly a tile lies in one line or two: one store for both.
      int run = run(row, covered);
      int from = bandAt(row, lineFrom, scratch) + shift;
      lane = run;
      int next = from;
      if (run < covered) {
        next = bandAt(row + run, lineFrom, scratch) + shift - run;
        lane += run(row + run, covered - run);
      }
      copy(band, from, next, run, channelFloats, count, left, at);
    }
    while (lane < covered) {
      int run = run(row + lane, covered - lane);
      int from = bandAt(row + lane, lineFrom, scratch) + shift;
      for (int i = 0; i < run; i += LANES) {
        insert(band, from + i, channelFloats, count, run - i, left, at + lane + i);
      }
      lane += run;
    }
  }

  /** How many of the pixels from one on lie in its line. */
  private int run(int pixel, int most) {
    return Math.min(view.columns() - pixel % view.columns(), most);
  }

  /** Where the window of a pixel begins in the band. */
  private int bandAt(int pixel, int lineFrom, PackedScratch scratch) {
    int line = pixel / view.columns();
    return scratch.bandLines[line - lineFrom] + pixel - line * view.columns();
  }

  /**
   * {@code out[to + c * ROWS + i] = in[(i < run ? from : next) + c * stride + i]}. What is stored
   * beyond a tile's rows, the next step overwrites.
   */
  private static void copy(
      float[] in, int from, int next, int run, int stride, int count, float[] out, int to) {
    VectorMask<Float> first = FLOATS.indexInRange(0, run);
    for (int c = 0; c < count; c++) {
      FloatVector here = FloatVector.fromArray(FLOATS, in, from + c * stride);
      FloatVector there = FloatVector.fromArray(FLOATS, in, next + c * stride);
      there.blend(here, first).intoArray(out, to + c * MicroTile.ROWS);
    }
  }

  /** {@code out[to + c * ROWS + i] = in[from + c * stride + i]} for i below width alone. */
  private static void insert(
      float[] in, int from, int stride, int count, int width, float[] out, int to) {
    VectorMask<Float> lanes = FLOATS.indexInRange(0, width);
    for (int c = 0; c < count; c++) {
      FloatVector.fromArray(FLOATS, in, from + c * stride)
          .intoArray(out, to + c * MicroTile.ROWS, lanes);
    }
  }
}
