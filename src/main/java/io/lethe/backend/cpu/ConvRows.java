// The left side of a convolution over very few channels: each pixel's window written out.
package io.lethe.backend.cpu;

import java.util.Arrays;

/**
 * With 3 or 4 channels a tap is too short a stretch for the register tiles, while a window of all
 * taps is only a few dozen numbers: so the task's windows are copied, {@code [pixels, taps *
 * channels]}, in one block.
 */
record ConvRows(ConvView view, float[] source) implements GemmLeft {
  /** Up to so many channels windows are written out. */
  static final int MOST_CHANNELS = 15;

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
    return view.columns() * length(0);
  }

  @Override
  public boolean interleaved() {
    return false;
  }

  @Override
  public void begin(int rowFrom, int rowTo, PackedScratch scratch) {
    ConvBand.fillTargets(view, rowFrom, rowTo, scratch);
  }

  @Override
  public void block(int block, int rowFrom, int rowTo, PackedScratch scratch) {
    int channels = view.channels();
    int taps = view.taps().length;
    int length = taps * channels;
    int pixels = rowTo - rowFrom;
    float[] left = scratch.left = PackedScratch.atLeast(scratch.left, pixels * length);
    int[] aRows = scratch.aRows = PackedScratch.atLeast(scratch.aRows, pixels + MicroTile.ROWS);
    scratch.shifts = PackedScratch.atLeast(scratch.shifts, 1);
    scratch.shifts[0] = 0;
    int at = 0;
    for (int pixel = 0; pixel < pixels; pixel++) {
      int line = (rowFrom + pixel) / view.columns();
      int column = (rowFrom + pixel) - line * view.columns();
      int sample = line / view.rows();
      int row = line - sample * view.rows();
      aRows[pixel] = at;
      for (int tap = 0; tap < taps; tap++) {
        int y = row * view.step() + view.tapRows()[tap];
        int x = column * view.step() + view.tapColumns()[tap];
        if (y < 0 || y >= view.height() || x < 0 || x >= view.width()) {
          Arrays.fill(left, at, at + channels, 0f);
        } else {
          int from = ((sample * view.height() + y) * view.width() + x) * channels;
          for (int c = 0; c < channels; c++) {
            left[at + c] = source[from + c];
          }
        }
        at += channels;
      }
    }
    for (int i = 0; i < MicroTile.ROWS; i++) {
      aRows[pixels + i] = aRows[pixels - 1];
    }
  }

  @Override
  public int segments() {
    return 1;
  }

  @Override
  public int length(int block) {
    return view.taps().length * view.channels();
  }
}
