// One head of q, k, v or dout as rows of channels, the left factor of attention's products.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;

/**
 * Rows where they lie, or a copy in a scratch, with panels of eight rows beside it where many tiles
 * will be multiplied.
 *
 * @param values the operand's or a scratch array
 * @param at where channel 0 of position 0 is
 * @param stride elements from one position to the next
 * @param panels {@code [position / 8][channel][8]}, or null
 */
record AttentionRows(float[] values, int at, int stride, float[] panels) {
  /** From so many tiles on, packing pays. */
  private static final int WORTH_PACKING = 6;

  /** The scratch behind the rows of one operand. */
  static final class Memory {
    private float[] rows = {};
    private float[] panels = {};

    /**
     * The rows of one head.
     *
     * @param tiles how many tiles they will be multiplied with
     * @param packed whether they will be the left factor of {@link AttentionRows#multiply}
     */
    AttentionRows of(
        float[] x, int at, int stride, int count, int width, int tiles, boolean packed) {
      boolean often = tiles >= WORTH_PACKING;
      if (!often && count % ROWS == 0 && width % ROWS == 0) {
        return new AttentionRows(x, at, stride, null);
      }
      int outCount = AttentionLayout.padded(count, ROWS);
      int outWidth = AttentionLayout.padded(width, ROWS);
      rows = AttentionScratch.atLeast(rows, outCount * outWidth);
      AttentionLayout.rows(x, at, stride, count, width, rows, 0, outCount, outWidth);
      if (!often || !packed) {
        return new AttentionRows(rows, 0, outWidth, null);
      }
      panels = AttentionScratch.atLeast(panels, outCount * width);
      AttentionLayout.panels(rows, outWidth, outCount, width, panels);
      return new AttentionRows(rows, 0, outWidth, panels);
    }
  }

  /**
   * Writes the product of eight rows from {@code position} on with a tile of {@code depth}
   * channels.
   */
  void multiply(int depth, int position, float[] tile, float[] c, int cAt) {
    if (panels == null) {
      AttentionProduct.multiply(
          depth, values, at + position * stride, stride, tile, AttentionProduct.row(0), c, cAt);
    } else {
      AttentionProduct.multiplyPanel(
          depth, panels, position * depth, tile, AttentionProduct.row(0), c, cAt);
    }
  }

  /**
   * Adds the product of eight channels of {@code count} rows, transposed, with a block of as many
   * rows: {@code sums[channel + r] = sums[channel + r] * factor + ...}.
   */
  void multiplyAdd(
      int count, int position, int channel, float[] block, float[] factor, float[] sums) {
    AttentionProduct.multiplyAdd(
        count,
        values,
        at + position * stride + channel,
        stride,
        block,
        AttentionProduct.row(0),
        factor,
        sums,
        AttentionProduct.row(channel));
  }
}
