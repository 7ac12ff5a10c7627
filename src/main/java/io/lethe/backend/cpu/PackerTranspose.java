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

  /** Floats from one row to the next that {@link #transpose} wants for so many steps. */
  static int rowStride(int steps) {
    return FLOATS.loopBound(steps + LANES - 1);
  }

  /**
   * {@code out[outAt + outRows[s] + r] = rows[r * rowStride(steps) + s]} for r below width, a
   * multiple of LANES, and s below steps. What lies in {@code rows} between steps and the stride is
   * ignored.
   *
   * @param square LANES * LANES floats to work in
   */
  static void transpose(
      float[] rows, int width, int steps, float[] square, float[] out, int outAt, int[] outRows) {
    int stride = rowStride(steps);
    for (int step = 0; step < steps; step += LANES) {
      int count = Math.min(LANES, steps - step);
      for (int row = 0; row < width; row += LANES) {
        nearLanes(rows, row * stride + step, stride, square);
        if (LANES == 4) {
          store(square, count, out, outAt + row, outRows, step);
        } else if (LANES == 8) {
          farLanesOf8(square);
          store(square, count, out, outAt + row, outRows, step);
        } else {
          farLanesOf16(square, count, out, outAt + row, outRows, step);
        }
      }
    }
  }

  /** Distances 1 and 2, from {@code rows} into the square. */
  private static void nearLanes(float[] rows, int at, int stride, float[] square) {
    for (int i = 0; i < LANES; i += 4) {
      int from = at + i * stride;
      FloatVector a = FloatVector.fromArray(FLOATS, rows, from);
      FloatVector b = FloatVector.fromArray(FLOATS, rows, from + stride);
      FloatVector c = FloatVector.fromArray(FLOATS, rows, from + 2 * stride);
      FloatVector d = FloatVector.fromArray(FLOATS, rows, from + 3 * stride);
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
      float[] square, int count, float[] out, int outAt, int[] outRows, int step) {
    for (int i = 0; i < 4; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, square, i * LANES);
      FloatVector b = FloatVector.fromArray(FLOATS, square, (i + 4) * LANES);
      FloatVector c = FloatVector.fromArray(FLOATS, square, (i + 8) * LANES);
      FloatVector d = FloatVector.fromArray(FLOATS, square, (i + 12) * LANES);
      FloatVector ab = a.blend(b.rearrange(SWAP_4), HIGH_4);
      FloatVector ba = a.rearrange(SWAP_4).blend(b, HIGH_4);
      FloatVector cd = c.blend(d.rearrange(SWAP_4), HIGH_4);
      FloatVector dc = c.rearrange(SWAP_4).blend(d, HIGH_4);
      if (i < count) {
        ab.blend(cd.rearrange(SWAP_8), HIGH_8).intoArray(out, outAt + outRows[step + i]);
      }
      if (i + 4 < count) {
        ba.blend(dc.rearrange(SWAP_8), HIGH_8).intoArray(out, outAt + outRows[step + i + 4]);
      }
      if (i + 8 < count) {
        ab.rearrange(SWAP_8).blend(cd, HIGH_8).intoArray(out, outAt + outRows[step + i + 8]);
      }
      if (i + 12 < count) {
        ba.rearrange(SWAP_8).blend(dc, HIGH_8).intoArray(out, outAt + outRows[step + i + 12]);
      }
    }
  }

  private static void store(
      float[] square, int count, float[] out, int outAt, int[] outRows, int step) {
    for (int i = 0; i < count; i++) {
      FloatVector.fromArray(FLOATS, square, i * LANES).intoArray(out, outAt + outRows[step + i]);
    }
  }
}
