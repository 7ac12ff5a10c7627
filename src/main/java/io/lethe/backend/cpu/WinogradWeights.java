// A convolution's weight, transformed for Winograd's products and packed into column panels.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.tensor.Buffer;
import jdk.incubator.vector.FloatVector;

/**
 * {@code U = G g G^T} ({@link Winograd}) for every pair of channel and filter: {@code [place,
 * register tile, summed, columns of a tile]}, as {@link WinogradProduct} reads it. The forward pass
 * sums over the weight's channels, the input gradient over its filters.
 *
 * @param weight {@code [filters, channels, 3, 3]}, compute memory or mapped
 * @param taps the order in which the kernel's positions lie in g: their own, or reversed for the
 *     input gradient
 * @param gradient whether filters are summed over
 */
record WinogradWeights(Buffer weight, int filters, int channels, int[] taps, boolean gradient) {
  private static final int AREA = 9;

  /** Floats from one number of the sum to the next. */
  private static final int STEP = Winograd.COLUMNS;

  /** Channels transposed at once. */
  private static final int PIECE = 32;

  int summed() {
    return gradient ? filters : channels;
  }

  int columns() {
    return gradient ? channels : filters;
  }

  /** Floats of one place. */
  int placeFloats() {
    return Math.multiplyExact(columns(), summed());
  }

  /** Floats of all places, and of what lies before them. */
  long size() {
    return CacheLine.FIRST + (long) Winograd.PLACES * placeFloats();
  }

  /** Transforms LANES columns at a time, {@code panelFrom .. panelTo - 1}. */
  void pack(int panelFrom, int panelTo, float[] out, PackedScratch scratch) {
    int group = Winograd.COLUMNS / LANES;
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int at = CacheLine.FIRST + (panel / group * group * summed() + panel % group) * LANES;
      if (gradient) {
        packGradient(panel, out, at, scratch);
      } else {
        packForward(panel, out, at, scratch);
      }
    }
  }

  private void packForward(int panel, float[] out, int at, PackedScratch scratch) {
    int piece = Math.min(channels, PIECE) * AREA;
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, LANES * piece);
    float[] kernels = scratch.right = PackedScratch.atLeast(scratch.right, piece * LANES);
    for (int first = 0; first < channels; first += PIECE) {
      int count = Math.min(PIECE, channels - first);
      for (int j = 0; j < LANES; j++) {
        long filter = (long) panel * LANES + j;
        long begin = (filter * channels + first) * AREA;
        scratch.reader.read(weight, begin, count * AREA, run, j * piece);
      }
      int[] rows = scratch.reserveSteps(count * AREA, LANES);
      PackerTranspose.transpose(
          run, 0, piece, LANES, LANES, count * AREA, scratch.square, kernels, 0, rows);
      for (int c = 0; c < count; c++) {
        transform(kernels, c * AREA * LANES, out, at + (first + c) * STEP);
      }
    }
  }

  private void packGradient(int panel, float[] out, int at, PackedScratch scratch) {
    for (int f = 0; f < filters; f++) {
      long begin = ((long) f * channels + (long) panel * LANES) * AREA;
      float[] kernels = PackerTaps.transposeTaps(weight, begin, AREA, LANES, scratch);
      transform(kernels, 0, out, at + f * STEP);
    }
  }

  /** A kernel in each lane, {@code in [tap, LANES]}: the first of the two products. */
  private void transform(float[] in, int from, float[] out, int to) {
    int place = placeFloats();
    FloatVector g0 = kernel(in, from, 0);
    FloatVector g1 = kernel(in, from, 3);
    FloatVector g2 = kernel(in, from, 6);
    FloatVector outer = g0.add(g2).mul(0.5f);
    FloatVector inner = g1.mul(0.5f);
    final FloatVector t00 = g0;
    final FloatVector t10 = outer.add(inner);
    final FloatVector t20 = outer.sub(inner);
    final FloatVector t30 = g2;
    g0 = kernel(in, from, 1);
    g1 = kernel(in, from, 4);
    g2 = kernel(in, from, 7);
    outer = g0.add(g2).mul(0.5f);
    inner = g1.mul(0.5f);
    final FloatVector t01 = g0;
    final FloatVector t11 = outer.add(inner);
    final FloatVector t21 = outer.sub(inner);
    final FloatVector t31 = g2;
    g0 = kernel(in, from, 2);
    g1 = kernel(in, from, 5);
    g2 = kernel(in, from, 8);
    outer = g0.add(g2).mul(0.5f);
    inner = g1.mul(0.5f);
    row(t00, t01, g0, out, to, place);
    row(t10, t11, outer.add(inner), out, to + 4 * place, place);
    row(t20, t21, outer.sub(inner), out, to + 8 * place, place);
    row(t30, t31, g2, out, to + 12 * place, place);
  }

  private FloatVector kernel(float[] in, int from, int position) {
    return FloatVector.fromArray(FLOATS, in, from + taps[position] * LANES);
  }

  /** One row of G g, times G^T. */
  private static void row(
      FloatVector a, FloatVector b, FloatVector c, float[] out, int to, int place) {
    FloatVector outer = a.add(c).mul(0.5f);
    FloatVector inner = b.mul(0.5f);
    a.intoArray(out, to);
    outer.add(inner).intoArray(out, to + place);
    outer.sub(inner).intoArray(out, to + 2 * place);
    c.intoArray(out, to + 3 * place);
  }
}
