// Attention's softmax by itself, for the methods that read it, and its backward.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;
import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.AttentionProduct.row;
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
    s.tile = AttentionScratch.atLeast(s.tile, row(d));
    s.scores = AttentionScratch.atLeast(s.scores, row(AttentionBackward.BLOCK));
    int tiles = (keys + TILE - 1) / TILE;
    AttentionRows queryRows =
        s.rows.of(q, sample * queries * stride + head, stride, queries, d, tiles, true);
    float factor = shape.scale() * VectorMath.LOG2_E;
    for (int key = 0; key < keys; key += TILE) {
      int count = Math.min(TILE, keys - key);
      AttentionLayout.tile(
          k, (sample * keys + key) * stride + head, stride, count, d, factor, s.tile);
      for (int row = 0; row < rows; row += ROWS) {
        queryRows.multiply(d, row, s.tile, s.scores, row(0));
        for (int i = 0; i < Math.min(ROWS, queries - row); i++) {
          int target = (pair * queries + row + i) * keys + key;
          System.arraycopy(s.scores, row(i), out, target, count);
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
          dots(shape, pair, dp, p, s);
          AttentionBackward.reserveTiles(shape, s);
          s.queries = AttentionScratch.atLeast(s.queries, CacheLine.FIRST + part);
          Arrays.fill(s.queries, CacheLine.FIRST, CacheLine.FIRST + part, 0f);
          int d = shape.headDim();
          int stride = shape.width();
          int head = pair % shape.heads() * d;
          int sample = pair / shape.heads();
          int queries = shape.queries();
          int tiles = (shape.keys() + TILE - 1) / TILE;
          AttentionRows queryRows =
              s.rows.of(q, sample * queries * stride + head, stride, queries, d, tiles, true);
          for (int key = 0; key < shape.keys(); key += TILE) {
            int count = Math.min(TILE, shape.keys() - key);
            int at = (sample * shape.keys() + key) * stride + head;
            int channels = AttentionLayout.padded(d, LANES);
            AttentionLayout.rows(
                k, at, stride, count, d, s.channels, CacheLine.FIRST, TILE, channels);
            overQueries(shape, pair, key, count, queryRows, dp, p, s);
            if (dk != null) {
              Arrays.fill(s.factor, shape.scale());
              AttentionLayout.untile(s.sums, s.factor, count, d, dk, at, stride);
            }
          }
          if (dq != null) {
            int first = sample * shape.queries() * stride + head;
            AttentionBackward.addParts(shape, s.queries, CacheLine.FIRST, 1, dq, first);
          }
        });
  }

  /** The product of dP and P of each query. */
  private static void dots(
      AttentionShape shape, int pair, float[] dp, float[] p, AttentionScratch s) {
    int queries = shape.queries();
    int keys = shape.keys();
    s.dots = AttentionScratch.atLeast(s.dots, queries);
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
      AttentionRows queryRows,
      float[] dp,
      float[] p,
      AttentionScratch s) {
    int padded = AttentionLayout.padded(shape.headDim(), ROWS);
    int channels = AttentionLayout.padded(shape.headDim(), LANES);
    int queries = AttentionLayout.padded(shape.queries(), ROWS);
    Arrays.fill(s.sums, row(0), row(padded), 0f);
    Arrays.fill(s.factor, 1f);
    for (int query = 0; query < queries; query += AttentionBackward.BLOCK) {
      int rows = Math.min(AttentionBackward.BLOCK, queries - query);
      Arrays.fill(s.gradients, row(0), row(rows), 0f);
      for (int i = 0; i < Math.min(rows, shape.queries() - query); i++) {
        int row = (pair * shape.queries() + query + i) * shape.keys() + key;
        for (int j = 0; j < count; j++) {
          s.gradients[row(i) + j] = p[row + j] * (dp[row + j] - s.dots[query + i]);
        }
      }
      for (int c = 0; c < padded; c += ROWS) {
        queryRows.multiplyAdd(rows, query, c, s.gradients, s.factor, s.sums);
      }
      AttentionChannels.multiplyAdd(
          rows,
          s.gradients,
          row(0),
          s.channels,
          CacheLine.FIRST,
          channels,
          s.queries,
          CacheLine.FIRST + query * channels);
    }
  }
}
