// Attention backward: the scores come back from q, k and logSumExp, block by block.
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
 * Keys lie in the lanes: {@code P = 2^(Q K^T - logSumExp)}, {@code dP = dO V^T}, {@code dS = P (dP
 * - rowsum(dO O))}; {@code dV^T = dO^T P}, {@code dK^T = Q^T dS}, {@code dQ = dS K}. One task has
 * all queries and a range of a head's keys, so dk and dv are its own. Where there are few heads, a
 * head's keys are split by shape, and the parts of dq are added in order afterwards.
 */
final class AttentionBackward {
  /** Queries of one block. */
  static final int BLOCK = 64;

  /** Tasks into which a call is split where it has fewer heads, as far as its keys allow. */
  private static final int TASKS = 8;

  private final WorkerPool pool;
  private final AttentionScratch[] scratch;
  private float[] parts = {};

  AttentionBackward(WorkerPool pool, AttentionScratch[] scratch) {
    this.pool = pool;
    this.scratch = scratch;
  }

  /** The operands of one call; those of the results that are not wanted are null. */
  private record Call(
      AttentionShape shape,
      float[] dout,
      float[] q,
      float[] k,
      float[] v,
      float[] out,
      float[] logSumExp,
      float[] dq,
      float[] dk,
      float[] dv) {}

  /** As {@link io.lethe.backend.Backend#attentionBackward}. */
  void run(
      AttentionShape shape,
      float[] dout,
      float[] q,
      float[] k,
      float[] v,
      float[] out,
      float[] logSumExp,
      float[] dq,
      float[] dk,
      float[] dv) {
    Call call = new Call(shape, dout, q, k, v, out, logSumExp, dq, dk, dv);
    int pairs = shape.n() * shape.heads();
    if (pairs == 0 || shape.headDim() == 0) {
      return;
    }
    int tiles = (shape.keys() + TILE - 1) / TILE;
    int splits = splits(pairs, tiles);
    int part = partSize(shape);
    if (splits > 1) {
      int size = Math.addExact(CacheLine.FIRST, Math.multiplyExact(pairs * splits, part));
      parts = AttentionScratch.atLeast(parts, size);
    }
    pool.run(
        pairs * splits,
        shape.flops() / 20,
        (task, worker) -> {
          AttentionScratch s = scratch[worker];
          if (splits == 1) {
            s.queries = AttentionScratch.atLeast(s.queries, CacheLine.FIRST + part);
            keyRange(call, task, 0, tiles, s.queries, CacheLine.FIRST, s);
            addParts(call, task, s.queries, CacheLine.FIRST, 1);
          } else {
            int split = task % splits;
            int first = (int) ((long) tiles * split / splits);
            int end = (int) ((long) tiles * (split + 1) / splits);
            keyRange(call, task / splits, first, end, parts, CacheLine.FIRST + task * part, s);
          }
        });
    if (splits > 1 && dq != null) {
      pool.run(
          pairs,
          (long) pairs * splits * part / 4,
          (pair, worker) ->
              addParts(call, pair, parts, CacheLine.FIRST + pair * splits * part, splits));
    }
  }

  /**
   * Into how many ranges the keys of a head are split: by shape, since the order of sums follows.
   */
  static int splits(int pairs, int tiles) {
    return Math.clamp((TASKS + pairs - 1) / pairs, 1, Math.max(1, tiles / 4));
  }

  /** Elements of one part of dq. */
  static int partSize(AttentionShape shape) {
    return AttentionLayout.padded(shape.queries(), ROWS)
        * AttentionLayout.padded(shape.headDim(), LANES);
  }

  /** All of one head's queries against tiles {@code first} to {@code end - 1} of its keys. */
  private static void keyRange(
      Call call, int pair, int first, int end, float[] dq, int dqAt, AttentionScratch s) {
    AttentionShape shape = call.shape;
    int d = shape.headDim();
    int stride = shape.width();
    int head = pair % shape.heads() * d;
    int sample = pair / shape.heads();
    int queriesAt = sample * shape.queries() * stride + head;
    int queries = shape.queries();
    AttentionRows queryRows = s.rows.of(call.q, queriesAt, stride, queries, d, end - first, true);
    AttentionRows doutRows =
        s.otherRows.of(call.dout, queriesAt, stride, queries, d, end - first, true);
    perQuery(call, pair, queriesAt, s);
    reserveTiles(shape, s);
    Arrays.fill(dq, dqAt, dqAt + partSize(shape), 0f);
    for (int tile = first; tile < end; tile++) {
      int key = tile * TILE;
      int count = Math.min(TILE, shape.keys() - key);
      int at = (sample * shape.keys() + key) * stride + head;
      int channels = AttentionLayout.padded(d, LANES);
      AttentionLayout.tile(call.k, at, stride, count, d, shape.scale() * VectorMath.LOG2_E, s.tile);
      AttentionLayout.tile(call.v, at, stride, count, d, 1f, s.otherTile);
      AttentionLayout.rows(
          call.k, at, stride, count, d, s.channels, CacheLine.FIRST, TILE, channels);
      overQueries(call, key, count, queryRows, doutRows, dq, dqAt, s);
      if (call.dk != null) {
        Arrays.fill(s.factor, shape.scale());
        AttentionLayout.untile(s.sums, s.factor, count, d, call.dk, at, stride);
      }
      if (call.dv != null) {
        Arrays.fill(s.factor, 1f);
        AttentionLayout.untile(s.otherSums, s.factor, count, d, call.dv, at, stride);
      }
    }
  }

  /** Writes the two numbers of each query. */
  private static void perQuery(Call call, int pair, int at, AttentionScratch s) {
    AttentionShape shape = call.shape;
    int queries = shape.queries();
    int count = AttentionLayout.padded(queries, ROWS);
    s.logSums = AttentionScratch.atLeast(s.logSums, count);
    s.dots = AttentionScratch.atLeast(s.dots, count);
    for (int i = 0; i < queries; i++) {
      s.logSums[i] = call.logSumExp[pair * queries + i] * VectorMath.LOG2_E;
      s.dots[i] = dot(call.dout, call.out, at + i * shape.width(), shape.headDim());
    }
    Arrays.fill(s.logSums, queries, count, 0f);
    Arrays.fill(s.dots, queries, count, 0f);
  }

  private static float dot(float[] a, float[] b, int at, int count) {
    float sum0 = 0;
    float sum1 = 0;
    float sum2 = 0;
    float sum3 = 0;
    int i = at;
    for (; i < at + count - 3; i += 4) {
      sum0 = Math.fma(a[i], b[i], sum0);
      sum1 = Math.fma(a[i + 1], b[i + 1], sum1);
      sum2 = Math.fma(a[i + 2], b[i + 2], sum2);
      sum3 = Math.fma(a[i + 3], b[i + 3], sum3);
    }
    for (; i < at + count; i++) {
      sum0 = Math.fma(a[i], b[i], sum0);
    }
    return sum0 + sum1 + (sum2 + sum3);
  }

  /** Makes room for what belongs to one tile of keys. */
  static void reserveTiles(AttentionShape shape, AttentionScratch s) {
    int d = shape.headDim();
    int padded = AttentionLayout.padded(d, ROWS);
    s.tile = AttentionScratch.atLeast(s.tile, row(d));
    s.otherTile = AttentionScratch.atLeast(s.otherTile, row(d));
    s.channels = AttentionScratch.atLeast(s.channels, row(AttentionLayout.padded(d, LANES)));
    s.sums = AttentionScratch.atLeast(s.sums, row(padded));
    s.otherSums = AttentionScratch.atLeast(s.otherSums, row(padded));
    s.scores = AttentionScratch.atLeast(s.scores, row(BLOCK));
    s.gradients = AttentionScratch.atLeast(s.gradients, row(BLOCK));
  }

  /** One tile of keys against all queries: dk and dv into the scratch's sums, dq added. */
  private static void overQueries(
      Call call,
      int key,
      int count,
      AttentionRows queryRows,
      AttentionRows doutRows,
      float[] dq,
      int dqAt,
      AttentionScratch s) {
    AttentionShape shape = call.shape;
    int d = shape.headDim();
    int padded = AttentionLayout.padded(d, ROWS);
    int channels = AttentionLayout.padded(d, LANES);
    int queries = AttentionLayout.padded(shape.queries(), ROWS);
    Arrays.fill(s.sums, row(0), row(padded), 0f);
    Arrays.fill(s.otherSums, row(0), row(padded), 0f);
    Arrays.fill(s.factor, 1f);
    int begin = shape.causal() ? key / ROWS * ROWS : 0;
    for (int query = begin; query < queries; query += BLOCK) {
      int rows = Math.min(BLOCK, queries - query);
      for (int row = 0; row < rows; row += ROWS) {
        queryRows.multiply(d, query + row, s.tile, s.scores, row(row));
        doutRows.multiply(d, query + row, s.otherTile, s.gradients, row(row));
      }
      if (count < TILE || shape.causal() && query < key + count) {
        AttentionSoftmax.hideLanes(rows, query, key, count, shape.causal(), s.scores);
      }
      AttentionSoftmax.gradient(rows, s.scores, s.gradients, s.logSums, s.dots, query);
      for (int c = 0; c < padded; c += ROWS) {
        if (call.dv != null) {
          doutRows.multiplyAdd(rows, query, c, s.scores, s.factor, s.otherSums);
        }
        if (call.dk != null) {
          queryRows.multiplyAdd(rows, query, c, s.gradients, s.factor, s.sums);
        }
      }
      if (call.dq != null) {
        AttentionChannels.multiplyAdd(
            rows,
            s.gradients,
            row(0),
            s.channels,
            CacheLine.FIRST,
            channels,
            dq,
            dqAt + query * channels);
      }
    }
  }

  /** Adds the parts of one head's dq in their order. */
  private static void addParts(Call call, int pair, float[] parts, int at, int splits) {
    if (call.dq == null) {
      return;
    }
    AttentionShape shape = call.shape;
    int d = shape.headDim();
    int head = pair % shape.heads() * d;
    int first = pair / shape.heads() * shape.queries() * shape.width() + head;
    addParts(shape, parts, at, splits, call.dq, first);
  }

  /** {@code dq = scale * } the sum of the parts, from padded channels to those of the head. */
  static void addParts(
      AttentionShape shape, float[] parts, int at, int splits, float[] dq, int first) {
    int d = shape.headDim();
    int channels = AttentionLayout.padded(d, LANES);
    int part = partSize(shape);
    FloatVector scale = FloatVector.broadcast(FLOATS, shape.scale());
    for (int query = 0; query < shape.queries(); query++) {
      int target = first + query * shape.width();
      int source = at + query * channels;
      for (int c = 0; c < d; c += LANES) {
        FloatVector sum = FloatVector.fromArray(FLOATS, parts, source + c);
        for (int split = 1; split < splits; split++) {
          sum = sum.add(FloatVector.fromArray(FLOATS, parts, source + split * part + c));
        }
        if (c + LANES <= d) {
          sum.mul(scale).intoArray(dq, target + c);
        } else {
          sum.mul(scale).intoArray(dq, target + c, FLOATS.indexInRange(c, d));
        }
      }
    }
  }
}
