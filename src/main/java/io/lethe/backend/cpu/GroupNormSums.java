// The sums of group normalisation over one block of positions, channel by channel.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Columns of one vector of channels; each line of the cache is read once in each pass. */
final class GroupNormSums {
  private GroupNormSums() {}

  /** Each channel's mean, and its sum of squared distances from that mean. */
  static void moments(
      float[] x, int at, int positions, int channels, float[] mean, float[] squares, int resultAt) {
    for (int c = 0; c < channels; c += LANES) {
      VectorMask<Float> lanes = FLOATS.indexInRange(c, channels);
      FloatVector even = FloatVector.zero(FLOATS);
      FloatVector odd = FloatVector.zero(FLOATS);
      int p = 0;
      for (; p + 1 < positions; p += 2) {
        int i = at + p * channels + c;
        even = even.add(FloatVector.fromArray(FLOATS, x, i, lanes));
        odd = odd.add(FloatVector.fromArray(FLOATS, x, i + channels, lanes));
      }
      if (p < positions) {
        even = even.add(FloatVector.fromArray(FLOATS, x, at + p * channels + c, lanes));
      }
      FloatVector m = even.add(odd).div((float) positions);
      FloatVector evenSquares = FloatVector.zero(FLOATS);
      FloatVector oddSquares = FloatVector.zero(FLOATS);
      for (p = 0; p + 1 < positions; p += 2) {
        int i = at + p * channels + c;
        FloatVector first = FloatVector.fromArray(FLOATS, x, i, lanes).sub(m);
        FloatVector second = FloatVector.fromArray(FLOATS, x, i + channels, lanes).sub(m);
        evenSquares = first.fma(first, evenSquares);
        oddSquares = second.fma(second, oddSquares);
      }
      if (p < positions) {
        FloatVector last = FloatVector.fromArray(FLOATS, x, at + p * channels + c, lanes).sub(m);
        evenSquares = last.fma(last, evenSquares);
      }
      m.intoArray(mean, resultAt + c, lanes);
      evenSquares.add(oddSquares).intoArray(squares, resultAt + c, lanes);
    }
  }

  /**
   * Each channel's {@code sum g} and {@code sum g xhat} with {@code g = dy act'(gamma xhat +
   * beta)}.
   */
  static void gradients(
      boolean silu,
      float[] dy,
      float[] x,
      int at,
      int positions,
      int channels,
      float[] mean,
      float[] rstd,
      int statisticsAt,
      float[] gamma,
      float[] beta,
      float[] sums,
      float[] products,
      int resultAt) {
    for (int c = 0; c < channels; c += LANES) {
      VectorMask<Float> lanes = FLOATS.indexInRange(c, channels);
      FloatVector m = FloatVector.fromArray(FLOATS, mean, statisticsAt + c, lanes);
      FloatVector r = FloatVector.fromArray(FLOATS, rstd, statisticsAt + c, lanes);
      FloatVector scale = FloatVector.fromArray(FLOATS, gamma, c, lanes);
      FloatVector shift = FloatVector.fromArray(FLOATS, beta, c, lanes);
      FloatVector sum = FloatVector.zero(FLOATS);
      FloatVector product = FloatVector.zero(FLOATS);
      for (int p = 0; p < positions; p++) {
        int i = at + p * channels + c;
        FloatVector xhat = FloatVector.fromArray(FLOATS, x, i, lanes).sub(m).mul(r);
        FloatVector g = FloatVector.fromArray(FLOATS, dy, i, lanes);
        if (silu) {
          g = g.mul(VectorMath.siluDerivative(xhat.fma(scale, shift)));
        }
        sum = sum.add(g);
        product = g.fma(xhat, product);
      }
      sum.intoArray(sums, resultAt + c, lanes);
      product.intoArray(products, resultAt + c, lanes);
    }
  }
}
