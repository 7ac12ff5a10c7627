// What attention does to a block of scores between its two products.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Scores are in units of ln 2, so that {@code 2^score} is wanted. A block has TILE lanes. */
final class AttentionSoftmax {
  private AttentionSoftmax() {}

  /**
   * One step of the online softmax, keys in the rows and queries in the lanes: {@code m' = max(m,
   * scores)}, {@code factor = 2^(m - m')}, {@code scores = 2^(scores - m')}, {@code sum = sum *
   * factor + sum of scores}.
   */
  static void step(int rows, float[] scores, float[] maximum, float[] sum, float[] factor) {
    for (int lane = 0; lane < TILE; lane += LANES) {
      FloatVector old = FloatVector.fromArray(FLOATS, maximum, lane);
      FloatVector m = largest(rows, scores, lane, old);
      m.intoArray(maximum, lane);
      FloatVector f = VectorMath.exp2(old.sub(m));
      f.intoArray(factor, lane);
      FloatVector total = FloatVector.fromArray(FLOATS, sum, lane).mul(f);
      for (int row = 0; row < rows; row++) {
        int at = row * TILE + lane;
        FloatVector p = VectorMath.exp2(FloatVector.fromArray(FLOATS, scores, at).sub(m));
        p.intoArray(scores, at);
        total = total.add(p);
      }
      total.intoArray(sum, lane);
    }
  }

  private static FloatVector largest(int rows, float[] scores, int lane, FloatVector old) {
    FloatVector even = old;
    FloatVector odd = old;
    int row = 0;
    for (; row + 1 < rows; row += 2) {
      FloatVector first = FloatVector.fromArray(FLOATS, scores, row * TILE + lane);
      FloatVector second = FloatVector.fromArray(FLOATS, scores, (row + 1) * TILE + lane);
      even = even.blend(first, first.compare(VectorOperators.GT, even));
      odd = odd.blend(second, second.compare(VectorOperators.GT, odd));
    }
    if (row < rows) {
      FloatVector last = FloatVector.fromArray(FLOATS, scores, row * TILE + lane);
      even = even.blend(last, last.compare(VectorOperators.GT, even));
    }
    return even.blend(odd, odd.compare(VectorOperators.GT, even));
  }

  /**
   * Backward, queries in the rows and keys in the lanes: {@code scores = 2^(scores - logSums)},
   * {@code gradients = scores * (gradients - dots)}.
   */
  static void gradient(
      int rows, float[] scores, float[] gradients, float[] logSums, float[] dots, int first) {
    for (int row = 0; row < rows; row++) {
      FloatVector logSum = FloatVector.broadcast(FLOATS, logSums[first + row]);
      FloatVector dot = FloatVector.broadcast(FLOATS, dots[first + row]);
      for (int lane = 0; lane < TILE; lane += LANES) {
        int at = row * TILE + lane;
        FloatVector p = VectorMath.exp2(FloatVector.fromArray(FLOATS, scores, at).sub(logSum));
        p.intoArray(scores, at);
        FloatVector dp = FloatVector.fromArray(FLOATS, gradients, at);
        dp.sub(dot).mul(p).intoArray(gradients, at);
      }
    }
  }

  /**
   * Hides row {@code j} of keys from lane {@code i} of queries where {@code firstKey + j >
   * firstQuery + i}.
   */
  static void hideLaterRows(int rows, int firstKey, int firstQuery, float[] scores) {
    for (int j = 0; j < rows; j++) {
      int lanes = Math.clamp(firstKey + j - firstQuery, 0, TILE);
      Arrays.fill(scores, j * TILE, j * TILE + lanes, Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * Hides lane {@code j} of keys from row {@code i} of queries, likewise, and lanes from {@code
   * keys} on.
   */
  static void hideLanes(
      int rows, int firstQuery, int firstKey, int keys, boolean causal, float[] scores) {
    for (int i = 0; i < rows; i++) {
      int visible = causal ? Math.clamp(firstQuery + i + 1 - firstKey, 0, keys) : keys;
      Arrays.fill(scores, i * TILE + visible, (i + 1) * TILE, Float.NEGATIVE_INFINITY);
    }
  }
}
