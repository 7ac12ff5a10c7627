// The gradient of a convolution's result, transformed as the gradient of Winograd's products.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code M = A dy A^T} for every tile and filter, the transpose of {@link WinogradOutput}, laid out
 * as the left side of the weight gradient's products: {@code [place, register tile of ROWS filters,
 * tile, ROWS]}. Lanes are filters.
 */
final class WinogradTileGradient {
  private final ConvView view;
  private final float[] dy;
  private final WinogradTiles tiles;

  WinogradTileGradient(ConvView view, float[] dy) {
    this.view = view;
    this.dy = dy;
    this.tiles = WinogradTiles.of(view);
  }

  /** Floats of one register tile over so many tiles, and room for the last vector's end. */
  static int rowsFloats(int tiles) {
    return tiles * MicroTile.ROWS + LANES;
  }

  /** Fills {@code scratch.left} for tiles {@code from .. to - 1} and some filters. */
  void transform(int from, int to, int filterFrom, int filterTo, PackedScratch scratch) {
    int groups = MicroTile.tiles(filterTo - filterFrom);
    int groupFloats = rowsFloats(to - from);
    int placeFloats = groups * groupFloats;
    scratch.left = PackedScratch.atLeast(scratch.left, Winograd.PLACES * placeFloats);
    int pixel = view.targetChannels();
    int line = view.targetWidth() * pixel;
    for (int tile = from; tile < to; tile++) {
      int u = tiles.row(tile);
      int v = tiles.column(tile);
      int at = (tiles.picture(tile) * view.targetHeight() + u) * line + v * pixel + filterFrom;
      boolean down = u + 1 < view.rows();
      boolean right = v + 1 < view.columns();
      float[] zeros = MicroTile.ZEROS;
      transform(
          dy,
          at,
          right ? dy : zeros,
          right ? at + pixel : 0,
          right ? MicroTile.ROWS : 0,
          down ? dy : zeros,
          down ? at + line : 0,
          down ? MicroTile.ROWS : 0,
          down && right ? dy : zeros,
          down && right ? at + line + pixel : 0,
          down && right ? MicroTile.ROWS : 0,
          filterTo - filterFrom,
          scratch.left,
          (tile - from) * MicroTile.ROWS,
          groupFloats,
          placeFloats);
    }
  }

  /**
   * One tile of four pixels, ROWS filters at a time. What is stored beyond ROWS lanes, the next
   * tile overwrites.
   *
   * @param next01 floats from one ROWS filters of the pixel to the next: none in an array of zeros
   */
  private static void transform(
      float[] in00,
      int at00,
      float[] in01,
      int at01,
      int next01,
      float[] in10,
      int at10,
      int next10,
      float[] in11,
      int at11,
      int next11,
      int filters,
      float[] out,
      int to,
      int groupFloats,
      int place) {
    int toGroup = to;
    int group = 0;
    for (int first = 0; first < filters; first += MicroTile.ROWS) {
      VectorMask<Float> lanes = FLOATS.indexInRange(first, filters);
      FloatVector y00 = FloatVector.fromArray(FLOATS, in00, at00 + first, lanes);
      FloatVector y01 = FloatVector.fromArray(FLOATS, in01, at01 + group * next01, lanes);
      FloatVector y10 = FloatVector.fromArray(FLOATS, in10, at10 + group * next10, lanes);
      FloatVector y11 = FloatVector.fromArray(FLOATS, in11, at11 + group * next11, lanes);
      row(y00, y01, out, toGroup, place);
      row(y00.add(y10), y01.add(y11), out, toGroup + 4 * place, place);
      row(y00.sub(y10), y01.sub(y11), out, toGroup + 8 * place, place);
      row(y10.neg(), y11.neg(), out, toGroup + 12 * place, place);
      toGroup += groupFloats;
      group++;
    }
  }

  /** One row of A dy, times A^T. */
  private static void row(FloatVector a, FloatVector b, float[] out, int to, int place) {
    a.intoArray(out, to);
    a.add(b).intoArray(out, to + place);
    a.sub(b).intoArray(out, to + 2 * place);
    b.neg().intoArray(out, to + 3 * place);
  }
}
