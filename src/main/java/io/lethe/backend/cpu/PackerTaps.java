// Packs a convolution's weight, in the checkpoint's layout, into column panels for either
// direction.
package io.lethe.backend.cpu;

import io.lethe.tensor.Buffer;

/**
 * The right side of a convolution as a product. Steps run over (block of channels, tap, channel in
 * the block), where the channels are those that are summed over: the weight's channels in the
 * forward pass, its filters in the input gradient. Columns are the others.
 *
 * @param weight {@code [filters, channels, area]}, compute memory or mapped
 * @param area kernelHeight * kernelWidth
 * @param taps which of the kernel's positions take part, in the order of the left side's shifts
 * @param gradient whether filters are summed over
 */
record PackerTaps(Buffer weight, int filters, int channels, int area, int[] taps, boolean gradient)
    implements PackerRight {
  /** Channels of one block, at most; a panel of nine taps then takes 144 KB at 512 bits. */
  static final int BLOCK = 128;

  /** How many channels are summed over. */
  int summed() {
    return gradient ? filters : channels;
  }

  @Override
  public int columns() {
    return gradient ? channels : filters;
  }

  @Override
  public int blocks() {
    return blocks(summed());
  }

  @Override
  public int start(int block) {
    return channel(block, summed()) * taps.length;
  }

  static int blocks(int summed) {
    return (summed + BLOCK - 1) / BLOCK;
  }

  /** The first channel of a block; blocks are multiples of 16 but for the last. */
  static int channel(int block, int summed) {
    int blocks = blocks(summed);
    if (block >= blocks) {
      return summed;
    }
    int sixteens = (summed + 15) / 16;
    return Math.min(summed, 16 * ((sixteens * block + blocks - 1) / blocks));
  }

  @Override
  public void pack(
      int from, int to, int panelFrom, int panelTo, float[] out, PackedScratch scratch) {
    int steps = start(to) - start(from);
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int at = panel * MicroTile.COLUMNS * steps;
      int covered = Math.min(MicroTile.COLUMNS, columns() - panel * MicroTile.COLUMNS);
      int width = MicroTile.width(covered);
      for (int block = from; block < to; block++) {
        int first = channel(block, summed());
        int count = channel(block + 1, summed()) - first;
        if (gradient) {
          packGradient(first, count, panel, covered, width, out, at, scratch);
        } else {
          packForward(first, count, panel, covered, width, out, at, scratch);
        }
        at += count * taps.length * width;
      }
    }
  }

  /** {@code out[tap, c, f] = weight[f, first + c, tap]}. */
  private void packForward(
      int first,
      int count,
      int panel,
      int covered,
      int width,
      float[] out,
      int at,
      PackedScratch scratch) {
    int length = count * area;
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, length);
    for (int j = 0; j < width; j++) {
      if (j < covered) {
        long filter = (long) panel * MicroTile.COLUMNS + j;
        scratch.reader.read(weight, (filter * channels + first) * area, length, run, 0);
      }
      for (int t = 0; t < taps.length; t++) {
        int to = at + t * count * width + j;
        int tap = taps[t];
        if (j < covered) {
          for (int c = 0; c < count; c++) {
            out[to + c * width] = run[c * area + tap];
          }
        } else {
          for (int c = 0; c < count; c++) {
            out[to + c * width] = 0f;
          }
        }
      }
    }
  }

  /** {@code out[tap, f, c] = weight[first + f, c, tap]}. */
  private void packGradient(
      int first,
      int count,
      int panel,
      int covered,
      int width,
      float[] out,
      int at,
      PackedScratch scratch) {
    int length = covered * area;
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, length);
    long column = (long) panel * MicroTile.COLUMNS;
    for (int f = 0; f < count; f++) {
      scratch.reader.read(weight, ((long) (first + f) * channels + column) * area, length, run, 0);
      for (int t = 0; t < taps.length; t++) {
        int to = at + (t * count + f) * width;
        int tap = taps[t];
        for (int c = 0; c < covered; c++) {
          out[to + c] = run[c * area + tap];
        }
        for (int c = covered; c < width; c++) {
          out[to + c] = 0f;
        }
      }
    }
  }
}
