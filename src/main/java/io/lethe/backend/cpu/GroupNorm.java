// Group normalisation with SiLU, forward and backward, over channels-last pictures.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * A sample's positions are cut into blocks, by shape alone. Sums run over the positions of a block
 * channel by channel, since groups are no multiple of the lanes; what the blocks and channels found
 * is combined in double, in order.
 *
 * <p>Forward: {@code y = act(gamma xhat + beta)}, {@code xhat = (x - mean) rstd}. Backward, with
 * {@code g = dy act'(pre)}: {@code dbeta = sum g}, {@code dgamma = sum g xhat}, {@code dx = rstd
 * (gamma g - m1 - xhat m2)}, where m1 and m2 are the group's means of {@code gamma g} and {@code
 * gamma g xhat}.
 */
final class GroupNorm {
  /** Elements of one block: small enough that a second pass over it finds it in the cache. */
  private static final int BLOCK_ELEMENTS = 1 << 15;

  private final WorkerPool pool;

  /** Two sums a channel of each block. */
  private float[] firstSums = {};

  private float[] secondSums = {};

  /** Numbers of each sample's group, spread over its channels. */
  private float[] firstOfChannel = {};

  private float[] secondOfChannel = {};
  private float[] thirdOfChannel = {};
  private float[] fourthOfChannel = {};

  GroupNorm(WorkerPool pool) {
    this.pool = pool;
  }

  /** How the positions of all samples are cut. */
  private record Blocks(int n, int positions, int channels, int length, int perSample) {
    static Blocks of(int n, int positions, int channels) {
      int length = Math.clamp(BLOCK_ELEMENTS / Math.max(1, channels), 1, Math.max(1, positions));
      return new Blocks(n, positions, channels, length, (positions + length - 1) / length);
    }

    int count() {
      return n * perSample;
    }

    int sample(int block) {
      return block / perSample;
    }

    int first(int block) {
      return block % perSample * length;
    }

    int size(int block) {
      return Math.min(length, positions - first(block));
    }

    /** Where the block begins in the picture. */
    int at(int block) {
      return (sample(block) * positions + first(block)) * channels;
    }

    long elements() {
      return (long) n * positions * channels;
    }
  }

  /** As {@link io.lethe.backend.Backend#groupNorm}. */
  void forward(
      int n,
      int channels,
      int groups,
      double eps,
      boolean silu,
      float[] x,
      float[] gamma,
      float[] beta,
      float[] y,
      float[] mean,
      float[] rstd) {
    if (x.length == 0) {
      return;
    }
    Blocks blocks = Blocks.of(n, x.length / n / channels, channels);
    reserve(blocks);
    pool.run(
        blocks.count(),
        blocks.elements() / 8,
        (block, worker) ->
            GroupNormSums.moments(
                x,
                blocks.at(block),
                blocks.size(block),
                channels,
                firstSums,
                secondSums,
                block * channels));
    pool.run(
        n,
        (long) blocks.count() * channels,
        (sample, worker) -> statistics(blocks, groups, eps, sample, mean, rstd));
    pool.run(
        n,
        (long) n * channels,
        (sample, worker) -> {
          for (int c = 0; c < channels; c++) {
            int group = sample * groups + c / (channels / groups);
            firstOfChannel[sample * channels + c] = mean[group];
            secondOfChannel[sample * channels + c] = rstd[group] * gamma[c];
          }
        });
    pool.run(
        blocks.count(),
        blocks.elements() / (silu ? 4 : 8),
        (block, worker) ->
            normalise(
                silu,
                x,
                blocks.at(block),
                blocks.size(block),
                channels,
                blocks.sample(block) * channels,
                beta,
                y));
  }

  /**
   * Combines what the blocks found (Chan et al. 1979): {@code M2 = sum of M2 + size (mean -
   * means)^2}.
   */
  private void statistics(
      Blocks blocks, int groups, double eps, int sample, float[] mean, float[] rstd) {
    int channels = blocks.channels;
    int perGroup = channels / groups;
    int firstBlock = sample * blocks.perSample;
    double count = (double) blocks.positions * perGroup;
    for (int group = 0; group < groups; group++) {
      double sum = 0;
      for (int b = 0; b < blocks.perSample; b++) {
        int at = (firstBlock + b) * channels + group * perGroup;
        double part = 0;
        for (int c = 0; c < perGroup; c++) {
          part += firstSums[at + c];
        }
        sum += part * blocks.size(firstBlock + b);
      }
      double centre = sum / count;
      double squares = 0;
      for (int b = 0; b < blocks.perSample; b++) {
        int at = (firstBlock + b) * channels + group * perGroup;
        double between = 0;
        for (int c = 0; c < perGroup; c++) {
          double difference = firstSums[at + c] - centre;
          between += difference * difference;
          squares += secondSums[at + c];
        }
        squares += between * blocks.size(firstBlock + b);
      }
      mean[sample * groups + group] = (float) centre;
      rstd[sample * groups + group] = (float) (1 / Math.sqrt(squares / count + eps));
    }
  }

  private void normalise(
      boolean silu,
      float[] x,
      int at,
      int positions,
      int channels,
      int statisticsAt,
      float[] beta,
      float[] y) {
    for (int p = 0; p < positions; p++) {
      int row = at + p * channels;
      for (int c = 0; c < channels; c += LANES) {
        if (c + LANES <= channels) {
          FloatVector m = FloatVector.fromArray(FLOATS, firstOfChannel, statisticsAt + c);
          FloatVector a = FloatVector.fromArray(FLOATS, secondOfChannel, statisticsAt + c);
          FloatVector b = FloatVector.fromArray(FLOATS, beta, c);
          FloatVector pre = FloatVector.fromArray(FLOATS, x, row + c).sub(m).fma(a, b);
          (silu ? pre.mul(VectorMath.sigmoid(pre)) : pre).intoArray(y, row + c);
        } else {
          VectorMask<Float> tail = FLOATS.indexInRange(c, channels);
          FloatVector m = FloatVector.fromArray(FLOATS, firstOfChannel, statisticsAt + c, tail);
          FloatVector a = FloatVector.fromArray(FLOATS, secondOfChannel, statisticsAt + c, tail);
          FloatVector b = FloatVector.fromArray(FLOATS, beta, c, tail);
          FloatVector pre = FloatVector.fromArray(FLOATS, x, row + c, tail).sub(m).fma(a, b);
          (silu ? pre.mul(VectorMath.sigmoid(pre)) : pre).intoArray(y, row + c, tail);
        }
      }
    }
  }

  /** As {@link io.lethe.backend.Backend#groupNormBackward}. */
  void backward(
      int n,
      int channels,
      int groups,
      boolean silu,
      float[] dy,
      float[] x,
      float[] gamma,
      float[] beta,
      float[] mean,
      float[] rstd,
      float[] dx,
      float[] dgamma,
      float[] dbeta) {
    if (x.length == 0) {
      return;
    }
    Blocks blocks = Blocks.of(n, x.length / n / channels, channels);
    reserve(blocks);
    for (int sample = 0; sample < n; sample++) {
      for (int c = 0; c < channels; c++) {
        int group = sample * groups + c / (channels / groups);
        firstOfChannel[sample * channels + c] = mean[group];
        secondOfChannel[sample * channels + c] = rstd[group];
      }
    }
    pool.run(
        blocks.count(),
        blocks.elements() / (silu ? 3 : 6),
        (block, worker) ->
            GroupNormSums.gradients(
                silu,
                dy,
                x,
                blocks.at(block),
                blocks.size(block),
                channels,
                firstOfChannel,
                secondOfChannel,
                blocks.sample(block) * channels,
                gamma,
                beta,
                firstSums,
                secondSums,
                block * channels,
                dx));
    if (dgamma != null || dbeta != null) {
      parameterGradients(blocks, dgamma, dbeta);
    }
    if (dx == null) {
      return;
    }
    pool.run(
        n,
        (long) blocks.count() * channels,
        (sample, worker) -> groupMeans(blocks, groups, sample, gamma));
    // What the first pass left in dx is dy behind the activation's derivative.
    float[] g = silu ? dx : dy;
    pool.run(
        blocks.count(),
        blocks.elements() / 6,
        (block, worker) ->
            inputGradient(
                g,
                x,
                blocks.at(block),
                blocks.size(block),
                channels,
                blocks.sample(block) * channels,
                gamma,
                dx));
  }

  private void parameterGradients(Blocks blocks, float[] dgamma, float[] dbeta) {
    for (int c = 0; c < blocks.channels; c++) {
      double sum = 0;
      double product = 0;
      for (int block = 0; block < blocks.count(); block++) {
        sum += firstSums[block * blocks.channels + c];
        product += secondSums[block * blocks.channels + c];
      }
      if (dbeta != null) {
        dbeta[c] += (float) sum;
      }
      if (dgamma != null) {
        dgamma[c] += (float) product;
      }
    }
  }

  private void groupMeans(Blocks blocks, int groups, int sample, float[] gamma) {
    int channels = blocks.channels;
    int perGroup = channels / groups;
    int firstBlock = sample * blocks.perSample;
    double count = (double) blocks.positions * perGroup;
    for (int group = 0; group < groups; group++) {
      double sum = 0;
      double product = 0;
      for (int b = 0; b < blocks.perSample; b++) {
        int at = (firstBlock + b) * channels + group * perGroup;
        for (int c = 0; c < perGroup; c++) {
          double weight = gamma[group * perGroup + c];
          sum += weight * firstSums[at + c];
          product += weight * secondSums[at + c];
        }
      }
      for (int c = 0; c < perGroup; c++) {
        thirdOfChannel[sample * channels + group * perGroup + c] = (float) (sum / count);
        fourthOfChannel[sample * channels + group * perGroup + c] = (float) (product / count);
      }
    }
  }

  private void inputGradient(
      float[] g,
      float[] x,
      int at,
      int positions,
      int channels,
      int statisticsAt,
      float[] gamma,
      float[] dx) {
    for (int p = 0; p < positions; p++) {
      int row = at + p * channels;
      int whole = FLOATS.loopBound(channels);
      for (int c = 0; c < whole; c += LANES) {
        FloatVector r = FloatVector.fromArray(FLOATS, secondOfChannel, statisticsAt + c);
        FloatVector xhat =
            FloatVector.fromArray(FLOATS, x, row + c)
                .sub(FloatVector.fromArray(FLOATS, firstOfChannel, statisticsAt + c))
                .mul(r);
        FloatVector.fromArray(FLOATS, g, row + c)
            .mul(FloatVector.fromArray(FLOATS, gamma, c))
            .sub(FloatVector.fromArray(FLOATS, thirdOfChannel, statisticsAt + c))
            .sub(xhat.mul(FloatVector.fromArray(FLOATS, fourthOfChannel, statisticsAt + c)))
            .mul(r)
            .intoArray(dx, row + c);
      }
      for (int c = whole; c < channels; c++) {
        int s = statisticsAt + c;
        float xhat = (x[row + c] - firstOfChannel[s]) * secondOfChannel[s];
        float inner = g[row + c] * gamma[c] - thirdOfChannel[s] - xhat * fourthOfChannel[s];
        dx[row + c] = inner * secondOfChannel[s];
      }
    }
  }

  private void reserve(Blocks blocks) {
    firstSums = AttentionScratch.atLeast(firstSums, blocks.count() * blocks.channels);
    secondSums = AttentionScratch.atLeast(secondSums, blocks.count() * blocks.channels);
    firstOfChannel = AttentionScratch.atLeast(firstOfChannel, blocks.n * blocks.channels);
    secondOfChannel = AttentionScratch.atLeast(secondOfChannel, blocks.n * blocks.channels);
    thirdOfChannel = AttentionScratch.atLeast(thirdOfChannel, blocks.n * blocks.channels);
    fourthOfChannel = AttentionScratch.atLeast(fourthOfChannel, blocks.n * blocks.channels);
  }
}
