// Brings one head of q, k, v or dout into the layouts that attention multiplies, and results back.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.AttentionProduct.ROWS;
import static io.lethe.backend.cpu.AttentionProduct.TILE;
import static io.lethe.backend.cpu.AttentionProduct.row;

import java.util.Arrays;

/**
 * A head is {@code count} positions of {@code width} channels, the positions {@code stride}
 * elements apart. What is padded is zero.
 */
final class AttentionLayout {
  private AttentionLayout() {}

  /** The next multiple of {@code unit}. */
  static int padded(int count, int unit) {
    return (count + unit - 1) / unit * unit;
  }

  /** {@code out[(panel * width + c) * 8 + r] = } channel c of position {@code 8 * panel + r}. */
  static void panels(float[] x, int stride, int count, int width, float[] out) {
    for (int first = 0; first < count; first += ROWS) {
      for (int r = 0; r < ROWS; r++) {
        int row = (first + r) * stride;
        int target = first * width + r;
        for (int c = 0; c < width; c++) {
          out[target + c * ROWS] = x[row + c];
        }
      }
    }
  }

  /** {@code out[i * outWidth + c] = } channel c of position i, up to {@code outCount} positions. */
  static void rows(
      float[] x,
      int at,
      int stride,
      int count,
      int width,
      float[] out,
      int outAt,
      int outCount,
      int outWidth) {
    for (int i = 0; i < count; i++) {
      int target = outAt + i * outWidth;
      System.arraycopy(x, at + i * stride, out, target, width);
      Arrays.fill(out, target + width, target + outWidth, 0f);
    }
    Arrays.fill(out, outAt + count * outWidth, outAt + outCount * outWidth, 0f);
  }

  /** {@code out[row(c) + i] = factor * } channel c of position i, for up to TILE positions. */
  static void tile(float[] x, int at, int stride, int count, int width, float factor, float[] out) {
    int whole = count / 4 * 4;
    for (int i = 0; i < whole; i += 4) {
      int row = at + i * stride;
      for (int c = 0; c < width; c++) {
        out[row(c) + i] = factor * x[row + c];
        out[row(c) + i + 1] = factor * x[row + stride + c];
        out[row(c) + i + 2] = factor * x[row + 2 * stride + c];
        out[row(c) + i + 3] = factor * x[row + 3 * stride + c];
      }
    }
    for (int i = whole; i < TILE; i++) {
      for (int c = 0; c < width; c++) {
        out[row(c) + i] = i < count ? factor * x[at + i * stride + c] : 0f;
      }
    }
  }

  /** The reverse of {@link #tile} with one factor for each lane. */
  static void untile(
      float[] tile, float[] factor, int count, int width, float[] x, int at, int stride) {
    for (int i = 0; i < count; i++) {
      float laneFactor = factor[i];
      int target = at + i * stride;
      for (int c = 0; c < width; c++) {
        x[target + c] = laneFactor * tile[row(c) + i];
      }
    }
  }
}
