// Turns rows into columns, the inner loop of every packer that must.
package io.lethe.backend.cpu;

/** Transposition of small matrices that lie in the first caches. */
final class PackerTranspose {
  private PackerTranspose() {}

  /**
   * {@code out[c * width + r] = in[r * stride + c]} for r below rows and c below columns; the rest
   * of each row of {@code out} up to {@code width} becomes zero.
   */
  static void transpose(
      float[] in, int inAt, int stride, int rows, int columns, float[] out, int outAt, int width) {
    int row = 0;
    for (; row < rows - 3; row += 4) {
      int r0 = inAt + row * stride;
      int r1 = r0 + stride;
      int r2 = r1 + stride;
      int r3 = r2 + stride;
      for (int c = 0; c < columns; c++) {
        int to = outAt + c * width + row;
        out[to] = in[r0 + c];
        out[to + 1] = in[r1 + c];
        out[to + 2] = in[r2 + c];
        out[to + 3] = in[r3 + c];
      }
    }
    for (; row < rows; row++) {
      int from = inAt + row * stride;
      for (int c = 0; c < columns; c++) {
        out[outAt + c * width + row] = in[from + c];
      }
    }
    for (; row < width; row++) {
      for (int c = 0; c < columns; c++) {
        out[outAt + c * width + row] = 0f;
      }
    }
  }
}
