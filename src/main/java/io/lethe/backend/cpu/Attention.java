// Attention forward: an online softmax over blocks of keys, so that the scores never lie in memory.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;
import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.AttentionProduct.row;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import io.lethe.backend.AttentionShape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Queries lie in the lanes, so that maxima and sums over keys need no step across lanes: {@code S^T
 * = K Q^T} by block, {@code P^T = 2^(S^T - max)}, {@code O^T = V^T P^T}. A tile of queries is
 * computed on its own, in the same order whichever task it falls to.
 *
 * <p>Dao et al., FlashAttention, 2022.
 */
final class Attention {
  /** Keys of one block; its scores stay in the first cache. */
  private static final int BLOCK = 128;

  /** Tiles of queries for which packing a head's keys anew is cheap. */
  private static final int LEAST_TILES = 4;

  private final WorkerPool pool;
  private final AttentionScratch[] scratch;

  Attention(WorkerPool pool, AttentionScratch[] scratch) {
    this.pool = pool;
    this.scratch = scratch;
  }

  /** As {@link io.lethe.backend.Backend#attention}. */
  void forward(
      AttentionShape shape, float[] q, float[] k, float[] v, float[] out, float[] logSumExp) {
    int pairs = shape.n() * shape.heads();
    int tiles = (shape.queries() + TILE - 1) / TILE;
    if (pairs == 0 || tiles == 0 || shape.headDim() == 0) {
      return;
    }
    int wanted = (4 * pool.threads() + pairs - 1) / pairs;
    int splits = Math.clamp(wanted, 1, Math.max(1, tiles / LEAST_TILES));
    pool.run(
        pairs * splits,
        shape.flops() / 50,
        (task, worker) -> {
          int split = task % splits;
          run(
              shape,
              task / splits,
              (int) ((long) tiles * split / splits),
              (int) ((long) tiles * (split + 1) / splits),
              q,
              k,
              v,
              out,
              logSumExp,
              scratch[worker]);
        });
  }

  private static void run(
      AttentionShape shape,
      int pair,
      int firstTile,
      int endTile,
      float[] q,
      float[] k,
      float[] v,
      float[] out,
      float[] logSumExp,
      AttentionScratch s) {
    int d = shape.headDim();
    int padded = AttentionLayout.padded(d, ROWS);
    int keys = shape.keys();
    int stride = shape.width();
    int head = pair % shape.heads() * d;
    int sample = pair / shape.heads();
    int keysAt = sample * keys * stride + head;
    s.tile = AttentionScratch.atLeast(s.tile, row(d));
    s.sums = AttentionScratch.atLeast(s.sums, row(padded));
    s.scores = AttentionScratch.atLeast(s.scores, row(BLOCK));
    AttentionRows keyRows = s.rows.of(k, keysAt, stride, keys, d, endTile - firstTile, true);
    AttentionRows valueRows =
        s.otherRows.of(v, keysAt, stride, keys, d, endTile - firstTile, false);
    for (int tile = firstTile; tile < endTile; tile++) {
      int first = tile * TILE;
      int count = Math.min(TILE, shape.queries() - first);
      int at = (sample * shape.queries() + first) * stride + head;
      AttentionLayout.tile(q, at, stride, count, d, shape.scale() * VectorMath.LOG2_E, s.tile);
      overKeys(shape, first, keyRows, valueRows, s);
      finish(s);
      AttentionLayout.untile(s.sums, s.factor, count, d, out, at, stride);
      System.arraycopy(s.maximum, 0, logSumExp, pair * shape.queries() + first, count);
    }
  }

  /** Sums one tile of queries over all keys that it may see. */
  private static void overKeys(
      AttentionShape shape,
      int first,
      AttentionRows keyRows,
      AttentionRows valueRows,
      AttentionScratch s) {
    int d = shape.headDim();
    int padded = AttentionLayout.padded(d, ROWS);
    Arrays.fill(s.maximum, Float.NEGATIVE_INFINITY);
    Arrays.fill(s.sum, 0f);
    Arrays.fill(s.sums, row(0), row(padded), 0f);
    int seen = shape.causal() ? Math.min(shape.keys(), first + TILE) : shape.keys();
    for (int key = 0; key < seen; key += BLOCK) {
      int block = Math.min(BLOCK, seen - key);
      int rows = AttentionLayout.padded(block, ROWS);
      for (int row = 0; row < rows; row += ROWS) {
        keyRows.multiply(d, key + row, s.tile, s.scores, row(row));
      }
      Arrays.fill(s.scores, row(block), row(rows), Float.NEGATIVE_INFINITY);
      if (shape.causal() && key + block > first) {
        AttentionSoftmax.hideLaterRows(block, key, first, s.scores);
      }
      AttentionSoftmax.step(rows, s.scores, s.maximum, s.sum, s.factor);
      for (int c = 0; c < padded; c += ROWS) {
        valueRows.multiplyAdd(rows, key, c, s.scores, s.factor, s.sums);
      }
    }
  }

  /**
   * Turns sums into {@code factor = 1/sum} and maxima into {@code logSumExp = ln 2 * max + ln sum}.
   */
  private static void finish(AttentionScratch s) {
    for (int lane = 0; lane < TILE; lane += LANES) {
      FloatVector sum = FloatVector.fromArray(FLOATS, s.sum, lane);
      FloatVector maximum = FloatVector.fromArray(FLOATS, s.maximum, lane);
      FloatVector.broadcast(FLOATS, 1f).div(sum).intoArray(s.factor, lane);
      maximum
          .fma(FloatVector.broadcast(FLOATS, VectorMath.LN_2), VectorMath.log(sum))
          .intoArray(s.maximum, lane);
    }
  }
}
