// The sums of group normalisation over one block of positions, channel by channel.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** A channel is a lane, and a block of positions is small enough to be read twice. */
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
   *
   * @param slope g is written here where it is not null: it costs more than it takes to read again
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
      int resultAt,
      float[] slope) {
    Arrays.fill(sums, resultAt, resultAt + channels, 0f);
    Arrays.fill(products, resultAt, resultAt + channels, 0f);
    int whole = FLOATS.loopBound(channels);
    for (int p = 0; p < positions; p++) {
      int row = at + p * channels;
      for (int c = 0; c < whole; c += LANES) {
        FloatVector xhat =
            FloatVector.fromArray(FLOATS, x, row + c)
                .sub(FloatVector.fromArray(FLOATS, mean, statisticsAt + c))
                .mul(FloatVector.fromArray(FLOATS, rstd, statisticsAt + c));
        FloatVector g = FloatVector.fromArray(FLOATS, dy, row + c);
        if (silu) {
          FloatVector scale = FloatVector.fromArray(FLOATS, gamma, c);
          FloatVector pre = xhat.fma(scale, FloatVector.fromArray(FLOATS, beta, c));
          g = g.mul(VectorMath.siluDerivative(pre));
          if (slope != null) {
            g.intoArray(slope, row + c);
          }
        }
        FloatVector.fromArray(FLOATS, sums, resultAt + c).add(g).intoArray(sums, resultAt + c);
        g.fma(xhat, FloatVector.fromArray(FLOATS, products, resultAt + c))
            .intoArray(products, resultAt + c);
      }
    }
    if (whole < channels) {
      lastGradients(
          silu,
          dy,
          x,
          at,
          positions,
          whole,
          channels,
          mean,
          rstd,
          statisticsAt,
          gamma,
          beta,
          sums,
          products,
          resultAt,
          slope);
    }
  }

  /** The channels from {@code c} on, fewer than a vector. */
  private static void lastGradients(
      boolean silu,
      float[] dy,
      float[] x,
      int at,
      int positions,
      int c,
      int channels,
      float[] mean,
      float[] rstd,
      int statisticsAt,
      float[] gamma,
      float[] beta,
      float[] sums,
      float[] products,
      int resultAt,
      float[] slope) {
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
        if (slope != null) {
          g.intoArray(slope, i, lanes);
        }
      }
      sum = sum.add(g);
      product = g.fma(xhat, product);
    }
    sum.intoArray(sums, resultAt + c, lanes);
    product.intoArray(products, resultAt + c, lanes);
  }
}
