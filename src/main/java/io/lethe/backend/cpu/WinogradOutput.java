// Winograd's products, transformed back into pixels.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * {@code y = A^T m A + bias} ({@link Winograd}) for every tile; lanes are channels of the result.
 */
final class WinogradOutput {
  private final ConvView view;
  private final float[] target;
  private final WinogradTiles tiles;

  WinogradOutput(ConvView view, float[] target) {
    this.view = view;
    this.target = target;
    this.tiles = WinogradTiles.of(view);
  }

  /**
   * Writes {@code count} channels of the result, from {@code column} on, of the tiles {@code from
   * .. to - 1}.
   *
   * @param sums {@code [place, tile, count]} from {@code at} on
   * @param placeFloats floats from one place to the next
   * @param bias from {@code biasAt} on
   */
  void transform(
      int from,
      int to,
      float[] sums,
      int at,
      int placeFloats,
      int column,
      int count,
      float[] bias,
      int biasAt) {
    int pixel = view.targetChannels();
    int line = view.targetWidth() * pixel;
    for (int tile = from; tile < to; tile++) {
      int u = tiles.row(tile);
      int v = tiles.column(tile);
      int y = tiles.picture(tile) * view.targetHeight() + view.targetRow() + u;
      int x = view.targetColumn() + v;
      int first = (y * view.targetWidth() + x) * pixel + column;
      // a tile at an edge writes its outer pixels first, and the inner ones over them
      int down = u + 1 < view.rows() ? line : 0;
      int right = v + 1 < view.columns() ? pixel : 0;
      int sum = at + (tile - from) * count;
      for (int c = 0; c < count; c += LANES) {
        transform(sums, sum + c, placeFloats, bias, biasAt + c, target, first + c, down, right);
      }
    }
  }

  private static void transform(
      float[] in,
      int from,
      int place,
      float[] bias,
      int biasAt,
      float[] out,
      int to,
      int down,
      int right) {
    int second = from + 4 * place;
    int third = from + 8 * place;
    int fourth = from + 12 * place;
    FloatVector m1 = FloatVector.fromArray(FLOATS, in, second);
    FloatVector m2 = FloatVector.fromArray(FLOATS, in, third);
    FloatVector m3 = FloatVector.fromArray(FLOATS, in, fourth);
    // s[i, j]: row i of A^T m in column j
    final FloatVector s00 = FloatVector.fromArray(FLOATS, in, from).add(m1).add(m2);
    final FloatVector s10 = m1.sub(m2).sub(m3);
    m1 = FloatVector.fromArray(FLOATS, in, second + place);
    m2 = FloatVector.fromArray(FLOATS, in, third + place);
    m3 = FloatVector.fromArray(FLOATS, in, fourth + place);
    final FloatVector s01 = FloatVector.fromArray(FLOATS, in, from + place).add(m1).add(m2);
    final FloatVector s11 = m1.sub(m2).sub(m3);
    m1 = FloatVector.fromArray(FLOATS, in, second + 2 * place);
    m2 = FloatVector.fromArray(FLOATS, in, third + 2 * place);
    m3 = FloatVector.fromArray(FLOATS, in, fourth + 2 * place);
    final FloatVector s02 = FloatVector.fromArray(FLOATS, in, from + 2 * place).add(m1).add(m2);
    final FloatVector s12 = m1.sub(m2).sub(m3);
    m1 = FloatVector.fromArray(FLOATS, in, second + 3 * place);
    m2 = FloatVector.fromArray(FLOATS, in, third + 3 * place);
    m3 = FloatVector.fromArray(FLOATS, in, fourth + 3 * place);
    final FloatVector s03 = FloatVector.fromArray(FLOATS, in, from + 3 * place).add(m1).add(m2);
    final FloatVector s13 = m1.sub(m2).sub(m3);
    FloatVector b = FloatVector.fromArray(FLOATS, bias, biasAt);
    FloatVector y00 = s00.add(s01).add(s02).add(b);
    FloatVector y01 = s01.sub(s02).sub(s03).add(b);
    FloatVector y10 = s10.add(s11).add(s12).add(b);
    FloatVector y11 = s11.sub(s12).sub(s13).add(b);
    y11.intoArray(out, to + down + right);
    y10.intoArray(out, to + down);
    y01.intoArray(out, to + right);
    y00.intoArray(out, to);
  }
}
