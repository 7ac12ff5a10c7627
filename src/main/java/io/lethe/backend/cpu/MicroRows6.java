// The innermost loop of products whose left side is read row by row, six rows at a time.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * 6 rows of c at a time, each row of a read where it lies: {@code c[i, :] = init + sum_p a[i, p]
 * b[p, :]}.
 *
 * <p>Arguments: {@code aRows[row + i]}, where row i of a begins; {@code shifts[s]}, what segment s
 * of the reduction adds to it (a tap row of a convolution; a product has one segment); {@code
 * length} steps a segment; {@code b}, a packed panel of {@code segments * length} rows from {@code
 * bAt}; {@code init}, the bias or zeros; {@code cRows[cRow + i] + cBase}, where row i of c begins.
 * The accumulators are named locals and two steps are written out, so that C2 keeps the former in
 * registers and shares the addresses of the latter.
 */
final class MicroRows6 {
  private MicroRows6() {}

  /** 6 rows by two vectors. */
  static void wide(
      float[] a,
      int[] aRows,
      int row,
      int[] shifts,
      int segments,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, initAt);
    FloatVector c01 = FloatVector.fromArray(FLOATS, init, initAt + LANES);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    FloatVector c40 = c00;
    FloatVector c41 = c01;
    FloatVector c50 = c00;
    FloatVector c51 = c01;
    int bPos = bAt;
    for (int segment = 0; segment < segments; segment++) {
      int shift = shifts[segment];
      int r0 = aRows[row] + shift;
      int r1 = aRows[row + 1] + shift;
      int r2 = aRows[row + 2] + shift;
      int r3 = aRows[row + 3] + shift;
      int r4 = aRows[row + 4] + shift;
      int r5 = aRows[row + 5] + shift;
      int p = 0;
      for (; p < length - 1; p += 2) {
        FloatVector b00 = FloatVector.fromArray(FLOATS, b, bPos + p * (2 * LANES));
        FloatVector b01 = FloatVector.fromArray(FLOATS, b, bPos + p * (2 * LANES) + LANES);
        FloatVector a00 = FloatVector.broadcast(FLOATS, a[r0 + p]);
        c00 = a00.fma(b00, c00);
        c01 = a00.fma(b01, c01);
        FloatVector a01 = FloatVector.broadcast(FLOATS, a[r1 + p]);
        c10 = a01.fma(b00, c10);
        c11 = a01.fma(b01, c11);
        FloatVector a02 = FloatVector.broadcast(FLOATS, a[r2 + p]);
        c20 = a02.fma(b00, c20);
        c21 = a02.fma(b01, c21);
        FloatVector a03 = FloatVector.broadcast(FLOATS, a[r3 + p]);
        c30 = a03.fma(b00, c30);
        c31 = a03.fma(b01, c31);
        FloatVector a04 = FloatVector.broadcast(FLOATS, a[r4 + p]);
        c40 = a04.fma(b00, c40);
        c41 = a04.fma(b01, c41);
        FloatVector a05 = FloatVector.broadcast(FLOATS, a[r5 + p]);
        c50 = a05.fma(b00, c50);
        c51 = a05.fma(b01, c51);
        FloatVector b10 = FloatVector.fromArray(FLOATS, b, bPos + p * (2 * LANES) + 2 * LANES);
        FloatVector b11 = FloatVector.fromArray(FLOATS, b, bPos + p * (2 * LANES) + 3 * LANES);
        FloatVector a10 = FloatVector.broadcast(FLOATS, a[r0 + p + 1]);
        c00 = a10.fma(b10, c00);
        c01 = a10.fma(b11, c01);
        FloatVector a11 = FloatVector.broadcast(FLOATS, a[r1 + p + 1]);
        c10 = a11.fma(b10, c10);
        c11 = a11.fma(b11, c11);
        FloatVector a12 = FloatVector.broadcast(FLOATS, a[r2 + p + 1]);
        c20 = a12.fma(b10, c20);
        c21 = a12.fma(b11, c21);
        FloatVector a13 = FloatVector.broadcast(FLOATS, a[r3 + p + 1]);
        c30 = a13.fma(b10, c30);
        c31 = a13.fma(b11, c31);
        FloatVector a14 = FloatVector.broadcast(FLOATS, a[r4 + p + 1]);
        c40 = a14.fma(b10, c40);
        c41 = a14.fma(b11, c41);
        FloatVector a15 = FloatVector.broadcast(FLOATS, a[r5 + p + 1]);
        c50 = a15.fma(b10, c50);
        c51 = a15.fma(b11, c51);
      }
      for (; p < length; p++) {
        FloatVector b00 = FloatVector.fromArray(FLOATS, b, bPos + p * (2 * LANES));
        FloatVector b01 = FloatVector.fromArray(FLOATS, b, bPos + p * (2 * LANES) + LANES);
        FloatVector a00 = FloatVector.broadcast(FLOATS, a[r0 + p]);
        c00 = a00.fma(b00, c00);
        c01 = a00.fma(b01, c01);
        FloatVector a01 = FloatVector.broadcast(FLOATS, a[r1 + p]);
        c10 = a01.fma(b00, c10);
        c11 = a01.fma(b01, c11);
        FloatVector a02 = FloatVector.broadcast(FLOATS, a[r2 + p]);
        c20 = a02.fma(b00, c20);
        c21 = a02.fma(b01, c21);
        FloatVector a03 = FloatVector.broadcast(FLOATS, a[r3 + p]);
        c30 = a03.fma(b00, c30);
        c31 = a03.fma(b01, c31);
        FloatVector a04 = FloatVector.broadcast(FLOATS, a[r4 + p]);
        c40 = a04.fma(b00, c40);
        c41 = a04.fma(b01, c41);
        FloatVector a05 = FloatVector.broadcast(FLOATS, a[r5 + p]);
        c50 = a05.fma(b00, c50);
        c51 = a05.fma(b01, c51);
      }
      bPos += length * (2 * LANES);
    }
    c00.intoArray(c, cRows[cRow] + cBase);
    c01.intoArray(c, cRows[cRow] + cBase + LANES);
    c10.intoArray(c, cRows[cRow + 1] + cBase);
    c11.intoArray(c, cRows[cRow + 1] + cBase + LANES);
    c20.intoArray(c, cRows[cRow + 2] + cBase);
    c21.intoArray(c, cRows[cRow + 2] + cBase + LANES);
    c30.intoArray(c, cRows[cRow + 3] + cBase);
    c31.intoArray(c, cRows[cRow + 3] + cBase + LANES);
    c40.intoArray(c, cRows[cRow + 4] + cBase);
    c41.intoArray(c, cRows[cRow + 4] + cBase + LANES);
    c50.intoArray(c, cRows[cRow + 5] + cBase);
    c51.intoArray(c, cRows[cRow + 5] + cBase + LANES);
  }

  /** 6 rows by one vector, for the last columns. */
  static void narrow(
      float[] a,
      int[] aRows,
      int row,
      int[] shifts,
      int segments,
      int length,
      float[] b,
      int bAt,
      float[] init,
      int initAt,
      float[] c,
      int[] cRows,
      int cRow,
      int cBase) {
    FloatVector c00 = FloatVector.fromArray(FLOATS, init, initAt);
    FloatVector c10 = c00;
    FloatVector c20 = c00;
    FloatVector c30 = c00;
    FloatVector c40 = c00;
    FloatVector c50 = c00;
    int bPos = bAt;
    for (int segment = 0; segment < segments; segment++) {
      int shift = shifts[segment];
      int r0 = aRows[row] + shift;
      int r1 = aRows[row + 1] + shift;
      int r2 = aRows[row + 2] + shift;
      int r3 = aRows[row + 3] + shift;
      int r4 = aRows[row + 4] + shift;
      int r5 = aRows[row + 5] + shift;
      for (int p = 0; p < length; p++) {
        FloatVector b00 = FloatVector.fromArray(FLOATS, b, bPos + p * LANES);
        FloatVector a00 = FloatVector.broadcast(FLOATS, a[r0 + p]);
        c00 = a00.fma(b00, c00);
        FloatVector a01 = FloatVector.broadcast(FLOATS, a[r1 + p]);
        c10 = a01.fma(b00, c10);
        FloatVector a02 = FloatVector.broadcast(FLOATS, a[r2 + p]);
        c20 = a02.fma(b00, c20);
        FloatVector a03 = FloatVector.broadcast(FLOATS, a[r3 + p]);
        c30 = a03.fma(b00, c30);
        FloatVector a04 = FloatVector.broadcast(FLOATS, a[r4 + p]);
        c40 = a04.fma(b00, c40);
        FloatVector a05 = FloatVector.broadcast(FLOATS, a[r5 + p]);
        c50 = a05.fma(b00, c50);
      }
      bPos += length * LANES;
    }
    c00.intoArray(c, cRows[cRow] + cBase);
    c10.intoArray(c, cRows[cRow + 1] + cBase);
    c20.intoArray(c, cRows[cRow + 2] + cBase);
    c30.intoArray(c, cRows[cRow + 3] + cBase);
    c40.intoArray(c, cRows[cRow + 4] + cBase);
    c50.intoArray(c, cRows[cRow + 5] + cBase);
  }
}
