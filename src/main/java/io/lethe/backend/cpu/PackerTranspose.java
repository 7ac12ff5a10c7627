// Turns rows into columns, the inner loop of every packer that must.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes squares of LANES x LANES by exchanging their off-diagonal quarters, then the quarters'
 * own, and so on (Eklundh 1972): at distance d, rows i and i + d swap the lanes whose bit d is set
 * in i's half and clear in the other's. Two distances are done on four rows at a time.
 */
final class PackerTranspose {
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorMask<Float> HIGH_1 = high(1);
  private static final VectorMask<Float> HIGH_2 = high(2);
  private static final VectorMask<Float> HIGH_4 = high(4);
  private static final VectorMask<Float> HIGH_8 = high(8);

  /** What of the last square belongs to a register tile. */
  private static final VectorMask<Float> EDGE = FLOATS.indexInRange(0, MicroTile.ROWS % LANES);

  private PackerTranspose() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) % LANES);
  }

  private static VectorMask<Float> high(int distance) {
    boolean[] lanes = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      lanes[lane] = (lane & distance) != 0;
    }
    return VectorMask.fromArray(FLOATS, lanes, 0);
  }

  /**
   * {@code out[outAt + outRows[s] + r] = in[at + r * stride + s]} for r below rows and s below
   * steps.
   *
   * @param width how many r are written; from rows on they hold copies of the last row. Either a
   *     multiple of LANES or {@link MicroTile#ROWS}
   * @param square LANES * LANES floats to work in
   */
  static void transpose(
      float[] in,
      int at,
      int stride,
      int rows,
      int width,
      int steps,
      float[] square,
      float[] out,
      int outAt,
      int[] outRows) {
    int bound = FLOATS.loopBound(steps);
    for (int step = 0; step < bound; step += LANES) {
      for (int row = 0; row < width; row += LANES) {
        nearLanes(in, at + step, stride, row, rows - 1, square);
        boolean edge = row + LANES > width;
        if (LANES == 4) {
          store(square, edge, out, outAt + row, outRows, step);
        } else if (LANES == 8) {
          farLanesOf8(square);
          store(square, edge, out, outAt + row, outRows, step);
        } else {
          farLanesOf16(square, edge, out, outAt + row, outRows, step);
        }
      }
    }
    for (int row = 0; row < width; row++) {
      int from = at + Math.min(row, rows - 1) * stride;
      for (int step = bound; step < steps; step++) {
        out[outAt + outRows[step] + row] = in[from + step];
      }
    }
  }

  /** Distances 1 and 2, from rows {@code row ..} into the square. */
  private static void nearLanes(float[] in, int at, int stride, int row, int last, float[] square) {
    for (int i = 0; i < LANES; i += 4) {
      FloatVector a = FloatVector.fromArray(FLOATS, in, at + Math.min(row + i, last) * stride);
      FloatVector b = FloatVector.fromArray(FLOATS, in, at + Math.min(row + i + 1, last) * stride);
      FloatVector c = FloatVector.fromArray(FLOATS, in, at + Math.min(row + i + 2, last) * stride);
      FloatVector d = FloatVector.fromArray(FLOATS, in, at + Math.min(row + i + 3, last) * stride);
      FloatVector ab = a.blend(b.rearrange(SWAP_1), HIGH_1);
      FloatVector ba = a.rearrange(SWAP_1).blend(b, HIGH_1);
      FloatVector cd = c.blend(d.rearrange(SWAP_1), HIGH_1);
      FloatVector dc = c.rearrange(SWAP_1).blend(d, HIGH_1);
      ab.blend(cd.rearrange(SWAP_2), HIGH_2).intoArray(square, i * LANES);
      ba.blend(dc.rearrange(SWAP_2), HIGH_2).intoArray(square, (i + 1) * LANES);
      ab.rearrange(SWAP_2).blend(cd, HIGH_2).intoArray(square, (i + 2) * LANES);
      ba.rearrange(SWAP_2).blend(dc, HIGH_2).intoArray(square, (i + 3) * LANES);
    }
  }

  /** Distance 4 of squares of 8, in place. */
  private static void farLanesOf8(float[] square) {
    for (int i = 0; i < 4; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, square, i * LANES);
      FloatVector b = FloatVector.fromArray(FLOATS, square, (i + 4) * LANES);
      a.blend(b.rearrange(SWAP_4), HIGH_4).intoArray(square, i * LANES);
      a.rearrange(SWAP_4).blend(b, HIGH_4).intoArray(square, (i + 4) * LANES);
    }
  }

  /** Distances 4 and 8 of squares of 16, from the square to {@code out}. */
  private static void farLanesOf16(
      float[] square, boolean edge, float[] out, int outAt, int[] outRows, int step) {
    for (int i = 0; i < 4; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, square, i * LANES);
      FloatVector b = FloatVector.fromArray(FLOATS, square, (i + 4) * LANES);
      FloatVector c = FloatVector.fromArray(FLOATS, square, (i + 8) * LANES);
      FloatVector d = FloatVector.fromArray(FLOATS, square, (i + 12) * LANES);
      FloatVector ab = a.blend(b.rearrange(SWAP_4), HIGH_4);
      FloatVector ba = a.rearrange(SWAP_4).blend(b, HIGH_4);
      FloatVector cd = c.blend(d.rearrange(SWAP_4), HIGH_4);
      FloatVector dc = c.rearrange(SWAP_4).blend(d, HIGH_4);
      FloatVector first = ab.blend(cd.rearrange(SWAP_8), HIGH_8);
      FloatVector second = ba.blend(dc.rearrange(SWAP_8), HIGH_8);
      FloatVector third = ab.rearrange(SWAP_8).blend(cd, HIGH_8);
      FloatVector fourth = ba.rearrange(SWAP_8).blend(dc, HIGH_8);
      int at = step + i;
      if (edge) {
        first.intoArray(out, outAt + outRows[at], EDGE);
        second.intoArray(out, outAt + outRows[at + 4], EDGE);
        third.intoArray(out, outAt + outRows[at + 8], EDGE);
        fourth.intoArray(out, outAt + outRows[at + 12], EDGE);
      } else {
        first.intoArray(out, outAt + outRows[at]);
        second.intoArray(out, outAt + outRows[at + 4]);
        third.intoArray(out, outAt + outRows[at + 8]);
        fourth.intoArray(out, outAt + outRows[at + 12]);
      }
    }
  }

  private static void store(
      float[] square, boolean edge, float[] out, int outAt, int[] outRows, int step) {
    for (int i = 0; i < LANES; i++) {
      FloatVector row = FloatVector.fromArray(FLOATS, square, i * LANES);
      if (edge) {
        row.intoArray(out, outAt + outRows[step + i], EDGE);
      } else {
        row.intoArray(out, outAt + outRows[step + i]);
      }
    }
  }
}
