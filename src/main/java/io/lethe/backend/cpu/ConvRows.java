// The left side of a convolution over very few channels: each pixel's window written out.
package io.lethe.backend.cpu;

/**
 * With 3 or 4 channels a tap is too short a stretch for transposing vectors, while a window of all
 * taps is only a few dozen numbers: so the task's windows are copied one by one, in one block.
 */
record ConvRows(ConvView view, float[] source) implements GemmLeft {
  /** Up to so many channels windows are written out. */
  static final int MOST_CHANNELS = 15;

  @Override
  public int rows() {
    return view.n() * view.rows() * view.columns();
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
    float[] left = scratch.reserveLeft(pixels, length);
    for (int pixel = 0; pixel < pixels; pixel++) {
      int line = (rowFrom + pixel) / view.columns();
      int column = (rowFrom + pixel) - line * view.columns();
      int sample = line / view.rows();
      int row = line - sample * view.rows();
      int lane = pixel % MicroTile.ROWS;
      int at = (pixel - lane) * length + lane;
      for (int tap = 0; tap < taps; tap++) {
        int y = row * view.step() + view.tapRows()[tap];
        int x = column * view.step() + view.tapColumns()[tap];
        boolean inside = y >= 0 && y < view.height() && x >= 0 && x < view.width();
        int from = ((sample * view.height() + y) * view.width() + x) * channels;
        for (int c = 0; c < channels; c++) {
          left[at] = inside ? source[from + c] : 0f;
          at += MicroTile.ROWS;
        }
      }
    }
  }

  @Override
  public int length(int block) {
    return view.taps().length * view.channels();
  }
}
