// Attention's softmax by itself, for the methods that read it, and its backward.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;
import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.backend.AttentionShape;
import java.util.Arrays;

/**
 * Keys lie in the lanes. {@code P = softmax(scale Q K^T)}; {@code dS = P (dP - rowsum(dP P))},
 * {@code dQ = scale dS K}, {@code dK = scale dS^T Q}. A task has one head.
 */
final class AttentionProbabilities {
  private final WorkerPool pool;
  private final AttentionScratch[] scratch;

  AttentionProbabilities(WorkerPool pool, AttentionScratch[] scratch) {
    this.pool = pool;
    this.scratch = scratch;
  }

  /** As {@link io.lethe.backend.Backend#attentionProbabilities}. */
  void forward(AttentionShape shape, float[] q, float[] k, float[] probabilities) {
    if (shape.headDim() == 0) {
      Arrays.fill(probabilities, 0f);
    }
    pool.run(
        shape.n() * shape.heads(),
        shape.flops() / 50,
        (pair, worker) -> {
          scores(shape, pair, q, k, probabilities, scratch[worker]);
          for (int query = 0; query < shape.queries(); query++) {
            int keys = shape.keys();
            int seen = shape.causal() ? Math.min(keys, query + 1) : keys;
            int at = (pair * shape.queries() + query) * keys;
            Softmax.exponentials2(probabilities, at, seen);
            Arrays.fill(probabilities, at + seen, at + keys, 0f);
          }
        });
  }

  /** Writes {@code q k^T} in units of ln 2 over all of one head. */
  private static void scores(
      AttentionShape shape, int pair, float[] q, float[] k, float[] out, AttentionScratch s) {
    int d = shape.headDim();
    int stride = shape.width();
    int head = pair % shape.heads() * d;
    int sample = pair / shape.heads();
    int queries = shape.queries();
    int keys = shape.keys();
    int rows = AttentionLayout.padded(queries, ROWS);
    s.panels = AttentionScratch.atLeast(s.panels, rows * d);
    s.tile = AttentionScratch.atLeast(s.tile, d * TILE);
    s.scores = AttentionScratch.atLeast(s.scores, AttentionBackward.BLOCK * TILE);
    AttentionLayout.panels(q, sample * queries * stride + head, stride, queries, d, s.panels, 0);
    float factor = shape.scale() * VectorMath.LOG2_E;
    for (int key = 0; key < keys; key += TILE) {
      int count = Math.min(TILE, keys - key);
      AttentionLayout.tile(
          k, (sample * keys + key) * stride + head, stride, count, d, factor, s.tile);
      for (int row = 0; row < rows; row += ROWS) {
        AttentionProduct.multiply(d, s.panels, row * d, ROWS, s.tile, 0, s.scores, 0);
        for (int i = 0; i < Math.min(ROWS, queries - row); i++) {
          int target = (pair * queries + row + i) * keys + key;
          System.arraycopy(s.scores, i * TILE, out, target, count);
        }
      }
    }
  }

  /** As {@link io.lethe.backend.Backend#attentionProbabilitiesBackward}. */
  void backward(
      AttentionShape shape, float[] dp, float[] q, float[] k, float[] p, float[] dq, float[] dk) {
    int part = AttentionBackward.partSize(shape);
    pool.run(
        shape.n() * shape.heads(),
        shape.flops() / 30,
        (pair, worker) -> {
          AttentionScratch s = scratch[worker];
          packQueries(shape, pair, dp, q, p, s);
          AttentionBackward.reserveTiles(shape, s);
          s.queries = AttentionScratch.atLeast(s.queries, part);
          Arrays.fill(s.queries, 0, part, 0f);
          int d = shape.headDim();
          int stride = shape.width();
          int head = pair % shape.heads() * d;
          int sample = pair / shape.heads();
          for (int key = 0; key < shape.keys(); key += TILE) {
            int count = Math.min(TILE, shape.keys() - key);
            int at = (sample * shape.keys() + key) * stride + head;
            int channels = AttentionLayout.padded(d, LANES);
            AttentionLayout.rows(k, at, stride, count, d, s.channels, 0, TILE, channels);
            overQueries(shape, pair, key, count, dp, p, s);
            if (dk != null) {
              Arrays.fill(s.factor, shape.scale());
              AttentionLayout.untile(s.sums, s.factor, count, d, dk, at, stride);
            }
          }
          if (dq != null) {
            int first = sample * shape.queries() * stride + head;
            AttentionBackward.addParts(shape, s.queries, 0, 1, dq, first);
          }
        });
  }

  private static void packQueries(
      AttentionShape shape, int pair, float[] dp, float[] q, float[] p, AttentionScratch s) {
    int d = shape.headDim();
    int queries = shape.queries();
    int keys = shape.keys();
    int padded = AttentionLayout.padded(d, ROWS);
    int rows = AttentionLayout.padded(queries, ROWS);
    int at = pair / shape.heads() * queries * shape.width() + pair % shape.heads() * d;
    s.rows = AttentionScratch.atLeast(s.rows, rows * padded);
    s.dots = AttentionScratch.atLeast(s.dots, rows);
    AttentionLayout.rows(q, at, shape.width(), queries, d, s.rows, 0, rows, padded);
    for (int i = 0; i < queries; i++) {
      int row = (pair * queries + i) * keys;
      double dot = 0;
      for (int j = 0; j < keys; j++) {
        dot += (double) dp[row + j] * p[row + j];
      }
      s.dots[i] = (float) dot;
    }
  }

  /** One tile of keys against all queries: dk into the scratch's sums, dq added to its queries. */
  private static void overQueries(
      AttentionShape shape,
      int pair,
      int key,
      int count,
      float[] dp,
      float[] p,
      AttentionScratch s) {
    int padded = AttentionLayout.padded(shape.headDim(), ROWS);
    int channels = AttentionLayout.padded(shape.headDim(), LANES);
    int queries = AttentionLayout.padded(shape.queries(), ROWS);
    Arrays.fill(s.sums, 0, padded * TILE, 0f);
    Arrays.fill(s.factor, 1f);
    for (int query = 0; query < queries; query += AttentionBackward.BLOCK) {
      int rows = Math.min(AttentionBackward.BLOCK, queries - query);
      Arrays.fill(s.gradients, 0, rows * TILE, 0f);
      for (int i = 0; i < Math.min(rows, shape.queries() - query); i++) {
        int row = (pair * shape.queries() + query + i) * shape.keys() + key;
        for (int j = 0; j < count; j++) {
          s.gradients[i * TILE + j] = p[row + j] * (dp[row + j] - s.dots[query + i]);
        }
      }
      for (int c = 0; c < padded; c += ROWS) {
        AttentionProduct.multiplyAdd(
            rows, s.rows, query * padded + c, padded, s.gradients, 0, s.factor, s.sums, c * TILE);
      }
      AttentionChannels.multiplyAdd(
          rows, s.gradients, 0, s.channels, 0, channels, s.queries, query * channels);
    }
  }
}
