// The windows of a convolution's source, transformed for Winograd's products.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@code V = B^T d B} ({@link Winograd}) for every window d and channel: {@code [place, window,
 * channel]}. Lanes are channels, so nothing is transposed. Windows inside the picture are read
 * where they lie, those at its edge from a copy with the padding.
 */
final class WinogradInput {
  private final ConvView view;
  private final float[] source;
  private final WinogradTiles tiles;
  private final int firstRow;
  private final int firstColumn;

  WinogradInput(ConvView view, float[] source) {
    this.view = view;
    this.source = source;
    this.tiles = WinogradTiles.of(view);
    this.firstRow = view.firstTapRow();
    this.firstColumn = view.firstTapColumn();
  }

  /**
   * Transforms windows {@code from .. to - 1}, and {@code channels} of their channels.
   *
   * @param at where window {@code from} begins in {@code out}
   * @param stride floats from one window to the next
   * @param panelFloats floats from one LANES channels to the next
   * @param placeFloats floats from one place to the next
   */
  void transform(
      int from,
      int to,
      int channel,
      int channels,
      float[] out,
      int at,
      int stride,
      int panelFloats,
      int placeFloats,
      PackedScratch scratch) {
    int pixel = view.channels();
    for (int window = from; window < to; window++) {
      int y = tiles.row(window) + firstRow;
      int x = tiles.column(window) + firstColumn;
      int line = tiles.picture(window) * view.height() + y;
      int first = (line * view.width() + x) * pixel + channel;
      int target = at + (window - from) * stride;
      boolean inside =
          y >= 0
              && x >= 0
              && y + Winograd.WINDOW <= view.height()
              && x + Winograd.WINDOW <= view.width();
      if (inside) {
        transform(
            source,
            first,
            view.width() * pixel,
            pixel,
            channels,
            out,
            target,
            panelFloats,
            placeFloats);
      } else {
        copy(first, y, x, channels, scratch);
        int copied = Winograd.WINDOW * channels;
        transform(
            scratch.band, 0, copied, channels, channels, out, target, panelFloats, placeFloats);
      }
    }
  }

  /** A window with zeros outside the picture, {@code [4, 4, channels]}. */
  private void copy(int first, int y, int x, int channels, PackedScratch scratch) {
    scratch.band = PackedScratch.atLeast(scratch.band, Winograd.PLACES * channels);
    for (int place = 0; place < Winograd.PLACES; place++) {
      int down = place / Winograd.WINDOW;
      int right = place % Winograd.WINDOW;
      int to = place * channels;
      if (y + down >= 0 && y + down < view.height() && x + right >= 0 && x + right < view.width()) {
        int from = first + (down * view.width() + right) * view.channels();
        System.arraycopy(source, from, scratch.band, to, channels);
      } else {
        Arrays.fill(scratch.band, to, to + channels, 0f);
      }
    }
  }

  /**
   * One window.
   *
   * @param line floats from one of its lines to the next; {@code pixel} likewise
   */
  private static void transform(
      float[] in,
      int from,
      int line,
      int pixel,
      int channels,
      float[] out,
      int to,
      int panelFloats,
      int placeFloats) {
    int toC = to;
    for (int c = 0; c < channels; c += LANES) {
      int at0 = from + c;
      int at1 = at0 + line;
      int at2 = at1 + line;
      int at3 = at2 + line;
      // t[i, j]: row i of B^T d in column j of the window
      FloatVector d0 = FloatVector.fromArray(FLOATS, in, at0);
      FloatVector d1 = FloatVector.fromArray(FLOATS, in, at1);
      FloatVector d2 = FloatVector.fromArray(FLOATS, in, at2);
      FloatVector d3 = FloatVector.fromArray(FLOATS, in, at3);
      final FloatVector t00 = d0.sub(d2);
      final FloatVector t10 = d1.add(d2);
      final FloatVector t20 = d2.sub(d1);
      final FloatVector t30 = d1.sub(d3);
      d0 = FloatVector.fromArray(FLOATS, in, at0 + pixel);
      d1 = FloatVector.fromArray(FLOATS, in, at1 + pixel);
      d2 = FloatVector.fromArray(FLOATS, in, at2 + pixel);
      d3 = FloatVector.fromArray(FLOATS, in, at3 + pixel);
      final FloatVector t01 = d0.sub(d2);
      final FloatVector t11 = d1.add(d2);
      final FloatVector t21 = d2.sub(d1);
      final FloatVector t31 = d1.sub(d3);
      d0 = FloatVector.fromArray(FLOATS, in, at0 + 2 * pixel);
      d1 = FloatVector.fromArray(FLOATS, in, at1 + 2 * pixel);
      d2 = FloatVector.fromArray(FLOATS, in, at2 + 2 * pixel);
      d3 = FloatVector.fromArray(FLOATS, in, at3 + 2 * pixel);
      final FloatVector t02 = d0.sub(d2);
      final FloatVector t12 = d1.add(d2);
      final FloatVector t22 = d2.sub(d1);
      final FloatVector t32 = d1.sub(d3);
      d0 = FloatVector.fromArray(FLOATS, in, at0 + 3 * pixel);
      d1 = FloatVector.fromArray(FLOATS, in, at1 + 3 * pixel);
      d2 = FloatVector.fromArray(FLOATS, in, at2 + 3 * pixel);
      d3 = FloatVector.fromArray(FLOATS, in, at3 + 3 * pixel);
      final FloatVector t03 = d0.sub(d2);
      final FloatVector t13 = d1.add(d2);
      final FloatVector t23 = d2.sub(d1);
      final FloatVector t33 = d1.sub(d3);
      t00.sub(t02).intoArray(out, toC);
      t01.add(t02).intoArray(out, toC + placeFloats);
      t02.sub(t01).intoArray(out, toC + 2 * placeFloats);
      t01.sub(t03).intoArray(out, toC + 3 * placeFloats);
      t10.sub(t12).intoArray(out, toC + 4 * placeFloats);
      t11.add(t12).intoArray(out, toC + 5 * placeFloats);
      t12.sub(t11).intoArray(out, toC + 6 * placeFloats);
      t11.sub(t13).intoArray(out, toC + 7 * placeFloats);
      t20.sub(t22).intoArray(out, toC + 8 * placeFloats);
      t21.add(t22).intoArray(out, toC + 9 * placeFloats);
      t22.sub(t21).intoArray(out, toC + 10 * placeFloats);
      t21.sub(t23).intoArray(out, toC + 11 * placeFloats);
      t30.sub(t32).intoArray(out, toC + 12 * placeFloats);
      t31.add(t32).intoArray(out, toC + 13 * placeFloats);
      t32.sub(t31).intoArray(out, toC + 14 * placeFloats);
      t31.sub(t33).intoArray(out, toC + 15 * placeFloats);
      toC += panelFloats;
    }
  }
}
