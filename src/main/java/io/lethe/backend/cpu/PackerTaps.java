// Packs a convolution's weight, in the checkpoint's layout, into column panels for either
// direction.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.tensor.Buffer;
import jdk.incubator.vector.FloatVector;

/**
 * The right side of a convolution as a product. Steps run over (block of channels, tap, channel in
 * the block), where the channels are those that are summed over: the weight's channels in the
 * forward pass, its filters in the input gradient. Columns are the others.
 *
 * @param weight {@code [filters, channels, area]}, compute memory or mapped
 * @param area kernelHeight * kernelWidth
 * @param taps which of the kernel's positions take part, in the order of the left side's shifts; in
 *     the forward pass all of them in their own order
 * @param gradient whether filters are summed over
 * @param group as {@link PackerRight#group}
 */
record PackerTaps(
    Buffer weight, int filters, int channels, int area, int[] taps, boolean gradient, int group)
    implements PackerRight {
  /** Channels of one block, at most; a panel of nine taps then takes 144 KB at 512 bits. */
  static final int BLOCK = 128;

  /** Channels transposed at once: with nine taps 1 KB of each filter. */
  private static final int PIECE = 32;

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
      int at = CacheLine.FIRST + panel / group * group * LANES * steps + panel % group * LANES;
      int covered = Math.min(LANES, columns() - panel * LANES);
      for (int block = from; block < to; block++) {
        int first = channel(block, summed());
        int count = channel(block + 1, summed()) - first;
        if (gradient) {
          packGradient(first, count, panel, covered, out, at, scratch);
        } else {
          packForward(first, count, panel, covered, out, at, scratch);
        }
        at += count * taps.length * group * LANES;
      }
    }
  }

  /** {@code out[tap, c, f] = weight[f, first + c, tap]}. */
  private void packForward(
      int first, int count, int panel, int covered, float[] out, int at, PackedScratch scratch) {
    int piece = Math.min(count, PIECE) * area;
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, covered * piece);
    int[] rows = scratch.stepRows = PackedScratch.atLeast(scratch.stepRows, piece);
    for (int c = 0; c < count; c += PIECE) {
      int steps = Math.min(PIECE, count - c) * area;
      for (int j = 0; j < covered; j++) {
        long filter = (long) panel * LANES + j;
        long begin = (filter * channels + first + c) * area;
        scratch.reader.read(weight, begin, steps, run, j * piece);
      }
      for (int i = 0; i < steps; i++) {
        int channel = i / area;
        int tap = i - channel * area;
        rows[i] = (tap * count + c + channel) * group * LANES;
      }
      PackerTranspose.transpose(
          run, 0, piece, covered, LANES, steps, scratch.square, out, at, rows);
    }
  }

  /** {@code out[tap, f, c] = weight[first + f, c, tap]}. */
  private void packGradient(
      int first, int count, int panel, int covered, float[] out, int at, PackedScratch scratch) {
    for (int f = 0; f < count; f++) {
      long begin = ((long) (first + f) * channels + (long) panel * LANES) * area;
      float[] kernels = transposeTaps(weight, begin, area, covered, scratch);
      for (int t = 0; t < taps.length; t++) {
        FloatVector.fromArray(FLOATS, kernels, taps[t] * LANES)
            .intoArray(out, at + (t * count + f) * group * LANES);
      }
    }
  }

  /**
   * Kernels of {@code area} positions that lie one after the other: {@code [position, LANES]}, one
   * kernel a lane.
   *
   * @param count how many kernels, up to LANES; the lanes beyond hold anything
   * @return memory of the scratch
   */
  static float[] transposeTaps(
      Buffer weight, long begin, int area, int count, PackedScratch scratch) {
    // whole squares: what is read beyond the last kernel lands in positions beyond the area
    int steps = FLOATS.loopBound(area + LANES - 1);
    float[] in = scratch.run = PackedScratch.atLeast(scratch.run, count * area + LANES);
    float[] out = scratch.right = PackedScratch.atLeast(scratch.right, steps * LANES);
    scratch.reader.read(weight, begin, count * area, in, 0);
    int[] rows = scratch.reserveSteps(steps, LANES);
    PackerTranspose.transpose(in, 0, area, count, LANES, steps, scratch.square, out, 0, rows);
    return out;
  }
}
