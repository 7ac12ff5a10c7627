// What attention does to a block of scores between its two products.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.AttentionProduct.row;
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
    maxima(rows, scores, maximum, factor);
    powers(rows, scores, maximum, sum, factor);
  }

  /** Raises maxima to those of the block, and writes the factors. */
  private static void maxima(int rows, float[] scores, float[] maximum, float[] factor) {
    FloatVector old0 = FloatVector.fromArray(FLOATS, maximum, 0);
    FloatVector old1 = FloatVector.fromArray(FLOATS, maximum, LANES);
    FloatVector m0 = old0;
    FloatVector m1 = old1;
    for (int row = 0; row < rows; row++) {
      FloatVector s0 = FloatVector.fromArray(FLOATS, scores, row(row));
      FloatVector s1 = FloatVector.fromArray(FLOATS, scores, row(row) + LANES);
      m0 = m0.blend(s0, s0.compare(VectorOperators.GT, m0));
      m1 = m1.blend(s1, s1.compare(VectorOperators.GT, m1));
    }
    m0.intoArray(maximum, 0);
    m1.intoArray(maximum, LANES);
    VectorMath.exp2(old0.sub(m0)).intoArray(factor, 0);
    VectorMath.exp2(old1.sub(m1)).intoArray(factor, LANES);
  }

  /** Replaces scores by their powers, and adds these to the sums. */
  private static void powers(
      int rows, float[] scores, float[] maximum, float[] sum, float[] factor) {
    FloatVector m0 = FloatVector.fromArray(FLOATS, maximum, 0);
    FloatVector m1 = FloatVector.fromArray(FLOATS, maximum, LANES);
    FloatVector total0 = FloatVector.fromArray(FLOATS, sum, 0);
    FloatVector total1 = FloatVector.fromArray(FLOATS, sum, LANES);
    total0 = total0.mul(FloatVector.fromArray(FLOATS, factor, 0));
    total1 = total1.mul(FloatVector.fromArray(FLOATS, factor, LANES));
    for (int row = 0; row < rows; row++) {
      int at = row(row);
      FloatVector p0 = VectorMath.exp2(FloatVector.fromArray(FLOATS, scores, at).sub(m0));
      FloatVector p1 = VectorMath.exp2(FloatVector.fromArray(FLOATS, scores, at + LANES).sub(m1));
      p0.intoArray(scores, at);
      p1.intoArray(scores, at + LANES);
      total0 = total0.add(p0);
      total1 = total1.add(p1);
    }
    total0.intoArray(sum, 0);
    total1.intoArray(sum, LANES);
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
        int at = row(row) + lane;
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
      Arrays.fill(scores, row(j), row(j) + lanes, Float.NEGATIVE_INFINITY);
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
      Arrays.fill(scores, row(i) + visible, row(i + 1), Float.NEGATIVE_INFINITY);
    }
  }
}
