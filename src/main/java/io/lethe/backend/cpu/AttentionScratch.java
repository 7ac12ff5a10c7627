// What one worker of attention reuses from call to call.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.TILE;

/** Arrays that grow to the largest call and stay there. */
final class AttentionScratch {
  /** One head of k (or q) row by row. */
  final AttentionRows.Memory rows = new AttentionRows.Memory();

  /** One head of v (or dout). */
  final AttentionRows.Memory otherRows = new AttentionRows.Memory();

  /** A tile of q (or k) with its positions in the lanes. */
  float[] tile = {};

  /** A tile of v with its positions in the lanes. */
  float[] otherTile = {};

  /** A tile of k row by row, channels padded to whole vectors. */
  float[] channels = {};

  /** Sums of the output (or of dk) with positions in the lanes. */
  float[] sums = {};

  /** Sums of dv. */
  float[] otherSums = {};

  /** Sums of dq, row by row. */
  float[] queries = {};

  /** Scores, then probabilities, of one block. */
  float[] scores = {};

  /** Gradients of the scores of one block. */
  float[] gradients = {};

  /** One number a query: logSumExp in units of ln 2. */
  float[] logSums = {};

  /** One number a query: the product of dout and out. */
  float[] dots = {};

  /**
   * One number a lane: the largest score so far, the sum, and what a new maximum makes of old sums.
   */
  final float[] maximum = new float[TILE];

  final float[] sum = new float[TILE];
  final float[] factor = new float[TILE];

  /** One scratch for each thread of a pool. */
  static AttentionScratch[] of(WorkerPool pool) {
    AttentionScratch[] scratch = new AttentionScratch[pool.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new AttentionScratch();
    }
    return scratch;
  }

  static float[] atLeast(float[] array, int length) {
    return array.length >= length ? array : new float[length];
  }
}
