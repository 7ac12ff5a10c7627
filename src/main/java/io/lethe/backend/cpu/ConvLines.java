// The left side of a convolution to few channels: the lines of the padded picture, as they lie.
package io.lethe.backend.cpu;

import java.util.Arrays;

/**
 * Rows of the product are the target's pixels. A block copies the lines of the source that the
 * task's pixels need, with their padding, next to each other; every tap then reads that same copy
 * from another shift, so no pixel is stored once a tap. {@link MicroLines6} reads them.
 */
final class ConvLines implements GemmLeft {
  private final ConvView view;
  private final float[] source;
  private final int firstRow;
  private final int lastRow;
  private final int firstColumn;
  private final int bandWidth;
  private final int segments;

  ConvLines(ConvView view, float[] source) {
    this.view = view;
    this.source = source;
    this.firstRow = view.firstTapRow();
    this.lastRow = view.lastTapRow();
    this.firstColumn = view.firstTapColumn();
    this.segments = lastRow - firstRow + 1;
    this.bandWidth = (view.columns() - 1) * view.step() + view.lastTapColumn() - firstColumn + 1;
  }

  @Override
  public int rows() {
    return view.n() * view.rows() * view.columns();
  }

  @Override
  public int length(int block) {
    return channels(block) * view.taps().length;
  }

  @Override
  public int tileFloats(int block) {
    return MicroTile.ROWS * view.step() * view.step() * channels(block);
  }

  @Override
  public int tileColumns() {
    return MicroLines6.VECTORS * VectorSpecies.LANES;
  }

  private int channels(int block) {
    return PackerTaps.channel(block + 1, view.channels())
        - PackerTaps.channel(block, view.channels());
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    ConvBand.fillTargets(view, rowFrom, rowTo, scratch);
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int first = PackerTaps.channel(block, view.channels());
    int count = channels(block);
    int lineFloats = bandWidth * count;
    int[] shifts = scratch.shifts = PackedScratch.atLeast(scratch.shifts, segments);
    for (int segment = 0; segment < segments; segment++) {
      shifts[segment] = segment * lineFloats;
    }
    int rows = rowTo - rowFrom;
    int[] aRows = PackedScratch.atLeast(scratch.aRows, rows + MicroLines6.ROWS);
    scratch.aRows = aRows;
    int lineTo = (rowTo - 1) / view.columns() + 1;
    int at = 0;
    for (int line = rowFrom / view.columns(); line < lineTo; ) {
      int sample = line / view.rows();
      int row = line - sample * view.rows();
      int run = Math.min(view.rows() - row, lineTo - line);
      int top = row * view.step() + firstRow;
      int bottom = (row + run - 1) * view.step() + lastRow;
      int end = at + (bottom - top + 1) * lineFloats;
      scratch.band = PackedScratch.kept(scratch.band, end);
      for (int y = top; y <= bottom; y++) {
        copyLine(sample, y, first, count, scratch.band, at + (y - top) * lineFloats);
      }
      int pixelTo = Math.min((line + run) * view.columns(), rowTo);
      for (int pixel = Math.max(line * view.columns(), rowFrom); pixel < pixelTo; pixel++) {
        int down = pixel / view.columns() - line;
        int across = pixel % view.columns();
        aRows[pixel - rowFrom] = at + view.step() * (down * lineFloats + across * count);
      }
      at = end;
      line += run;
    }
    // Rows beyond the last read what it reads.
    Arrays.fill(aRows, rows, rows + MicroLines6.ROWS, aRows[rows - 1]);
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
  public void sweep(
      PackedScratch scratch,
      int rowFrom,
      int rowTo,
      int columns,
      int steps,
      float[] b,
      int bAt,
      int bNext,
      float[] init,
      int initAt,
      boolean accumulate,
      float[] c,
      int cBase) {
    MicroLines6.sweep(
        scratch,
        scratch.band,
        rowFrom,
        rowTo,
        segments,
        steps / segments,
        b,
        bAt,
        init,
        initAt,
        accumulate,
        c,
        cBase);
  }
}
