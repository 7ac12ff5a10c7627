// The left side of a convolution: a band of the padded picture, one block of channels at a time.
package io.lethe.backend.cpu;

import java.util.Arrays;

/**
 * Rows of the product are the target's pixels. A block copies the lines of the source that the
 * task's pixels need, with their padding, next to each other; every tap then reads that same copy
 * from another shift, so no pixel is stored once a tap.
 */
final class ConvBand implements GemmLeft {
  private final ConvView view;
  private final float[] source;
  private final int firstRow;
  private final int lastRow;
  private final int firstColumn;
  private final int bandWidth;
  private final int segments;

  ConvBand(ConvView view, float[] source) {
    this.view = view;
    this.source = source;
    this.firstRow = view.firstTapRow();
    this.lastRow = view.lastTapRow();
    this.firstColumn = view.firstTapColumn();
    this.segments = view.lastTapRow() - firstRow + 1;
    this.bandWidth = (view.columns() - 1) * view.step() + view.lastTapColumn() - firstColumn + 1;
  }

  @Override
  public int rows() {
    return view.n() * view.rows() * view.columns();
  }

  @Override
  public int unit() {
    return view.columns();
  }

  @Override
  public int unitFloats() {
    return view.step() * bandWidth * Math.min(view.channels(), PackerTaps.BLOCK);
  }

  @Override
  public boolean interleaved() {
    return false;
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    fillTargets(view, rowFrom, rowTo, scratch);
  }

  /** Where each pixel of the target begins. */
  static void fillTargets(ConvView view, int rowFrom, int rowTo, PackedScratch scratch) {
    int[] cRows = scratch.cRows = PackedScratch.atLeast(scratch.cRows, rowTo - rowFrom);
    int channels = view.targetChannels();
    int at = 0;
    for (int line = rowFrom / view.columns(); at < rowTo - rowFrom; line++) {
      int sample = line / view.rows();
      int row = view.targetRow() + (line - sample * view.rows()) * view.targetStep();
      int begin = (sample * view.targetHeight() + row) * view.targetWidth() + view.targetColumn();
      for (int column = 0; column < view.columns(); column++) {
        cRows[at++] = (begin + column * view.targetStep()) * channels;
      }
    }
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int first = PackerTaps.channel(block, view.channels());
    int count = PackerTaps.channel(block + 1, view.channels()) - first;
    fillShifts(count, scratch);
    int pixels = rowTo - rowFrom;
    int[] aRows = scratch.aRows = PackedScratch.atLeast(scratch.aRows, pixels + MicroTile.ROWS);
    int lineFloats = bandWidth * count;
    int lines = rowTo / view.columns();
    int at = 0;
    int pixel = 0;
    for (int line = rowFrom / view.columns(); line < lines; ) {
      int sample = line / view.rows();
      int row = line - sample * view.rows();
      int run = Math.min(view.rows() - row, lines - line);
      int top = row * view.step() + firstRow;
      int bottom = (row + run - 1) * view.step() + lastRow;
      int end = at + (bottom - top + 1) * lineFloats;
      scratch.left = PackedScratch.kept(scratch.left, end);
      for (int y = top; y <= bottom; y++) {
        copyLine(sample, y, first, count, scratch.left, at + (y - top) * lineFloats);
      }
      for (int i = 0; i < run; i++) {
        for (int column = 0; column < view.columns(); column++) {
          aRows[pixel++] = at + i * view.step() * lineFloats + column * view.step() * count;
        }
      }
      at = end;
      line += run;
    }
    for (int i = 0; i < MicroTile.ROWS; i++) {
      aRows[pixel + i] = aRows[pixel - 1];
    }
  }

  /** One shift for each row of the kernel: its taps lie next to each other in the band. */
  private void fillShifts(int count, PackedScratch scratch) {
    int[] shifts = scratch.shifts = PackedScratch.atLeast(scratch.shifts, segments);
    for (int segment = 0; segment < segments; segment++) {
      int down = view.tapRows()[segment * (view.taps().length / segments)] - firstRow;
      shifts[segment] = down * bandWidth * count;
    }
  }

  /** One padded line of the source, {@code count} channels of each pixel. */
  private void copyLine(int sample, int y, int first, int count, float[] out, int at) {
    if (y < 0 || y >= view.height()) {
      Arrays.fill(out, at, at + bandWidth * count, 0f);
      return;
    }
    int inside = Math.clamp(-firstColumn, 0, bandWidth);
    int outside = Math.clamp(view.width() - firstColumn, inside, bandWidth);
    Arrays.fill(out, at, at + inside * count, 0f);
    int channels = view.channels();
    int from = ((sample * view.height() + y) * view.width() + firstColumn + inside) * channels;
    if (count == channels) {
      System.arraycopy(source, from, out, at + inside * count, (outside - inside) * count);
    } else {
      for (int x = inside; x < outside; x++) {
        System.arraycopy(source, from + first, out, at + x * count, count);
        from += channels;
      }
    }
    Arrays.fill(out, at + outside * count, at + bandWidth * count, 0f);
  }

  @Override
  public int segments() {
    return segments;
  }

  @Override
  public int length(int block) {
    int count =
        PackerTaps.channel(block + 1, view.channels()) - PackerTaps.channel(block, view.channels());
    return count * (view.taps().length / segments);
  }
}
