// The innermost loop of products in double: outer products added up in registers.
package io.lethe.erase.dense;

import io.lethe.backend.cpu.VectorSpecies;
import jdk.incubator.vector.DoubleVector;

/**
 * {@code c[i, :] += sum_p a[p, i] b[p, :]} for {@link #ROWS} rows and {@link #COLUMNS} columns of
 * c; both packed as {@code [steps, PANEL]}, of which a tile reads its lines.
 *
 * <p>24 accumulators of the 32 registers that 512-bit vectors have, 12 of 16 below. The
 * accumulators are named locals, since C2 keeps no array of vectors in registers, and are stored
 * here: a call that C2 does not inline would make an object of each.
 */
final class ProductTile {
  private static final jdk.incubator.vector.VectorSpecies<Double> SPECIES = VectorSpecies.DOUBLES;
  private static final int LANES = SPECIES.length();
  private static final boolean TALL = LANES == 8;

  static final int ROWS = TALL ? 8 : 4;
  static final int COLUMNS = 3 * LANES;

  /** Lines that are packed side by side: a multiple of both. */
  static final int PANEL = LANES == 8 ? 24 : 12;

  /** Calls that make C2 take a method up, with the launcher's thresholds. */
  private static final int FIRST_CALLS = 600;

  /** More than one, or C2 would leave the way back to the loop's begin out. */
  private static final int FIRST_STEPS = 2;

  private ProductTile() {}

  /**
   * Has the tile compiled before it is needed. A loop that is running when it gets hot would be
   * compiled to be entered in its midst, with every sum an object: that takes C2 0.4 to 0.9 s, five
   * times as long as the whole method, which would have to wait.
   */
  static void prepare() {
    double[] panel = new double[FIRST_STEPS * PANEL];
    double[] tile = new double[ROWS * COLUMNS];
    for (int call = 0; call < FIRST_CALLS; call++) {
      add(panel, 0, panel, 0, FIRST_STEPS, tile, 0, COLUMNS);
    }
  }

  /** Adds {@code steps} outer products to the tile of c that begins at {@code at}. */
  static void add(
      double[] a, int aAt, double[] b, int bAt, int steps, double[] c, int at, int stride) {
    if (TALL) {
      eight(a, aAt, b, bAt, steps, c, at, stride);
    } else {
      four(a, aAt, b, bAt, steps, c, at, stride);
    }
  }

  private static void eight(
      double[] a, int aAt, double[] b, int bAt, int steps, double[] c, int at, int stride) {
    DoubleVector c00 = DoubleVector.zero(SPECIES);
    DoubleVector c01 = c00;
    DoubleVector c02 = c00;
    DoubleVector c10 = c00;
    DoubleVector c11 = c00;
    DoubleVector c12 = c00;
    DoubleVector c20 = c00;
    DoubleVector c21 = c00;
    DoubleVector c22 = c00;
    DoubleVector c30 = c00;
    DoubleVector c31 = c00;
    DoubleVector c32 = c00;
    DoubleVector c40 = c00;
    DoubleVector c41 = c00;
    DoubleVector c42 = c00;
    DoubleVector c50 = c00;
    DoubleVector c51 = c00;
    DoubleVector c52 = c00;
    DoubleVector c60 = c00;
    DoubleVector c61 = c00;
    DoubleVector c62 = c00;
    DoubleVector c70 = c00;
    DoubleVector c71 = c00;
    DoubleVector c72 = c00;
    for (int p = 0; p < steps; p++) {
      DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bAt + p * PANEL);
      DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bAt + p * PANEL + LANES);
      DoubleVector b2 = DoubleVector.fromArray(SPECIES, b, bAt + p * PANEL + 2 * LANES);
      DoubleVector a0 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      DoubleVector a1 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      DoubleVector a2 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      DoubleVector a3 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      DoubleVector a4 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 4]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
      DoubleVector a5 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 5]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      c52 = a5.fma(b2, c52);
      DoubleVector a6 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 6]);
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      c62 = a6.fma(b2, c62);
      DoubleVector a7 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 7]);
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      c72 = a7.fma(b2, c72);
    }
    c00.add(DoubleVector.fromArray(SPECIES, c, at)).intoArray(c, at);
    c01.add(DoubleVector.fromArray(SPECIES, c, at + LANES)).intoArray(c, at + LANES);
    c02.add(DoubleVector.fromArray(SPECIES, c, at + 2 * LANES)).intoArray(c, at + 2 * LANES);
    c10.add(DoubleVector.fromArray(SPECIES, c, at + stride)).intoArray(c, at + stride);
    c11.add(DoubleVector.fromArray(SPECIES, c, at + stride + LANES))
        .intoArray(c, at + stride + LANES);
    c12.add(DoubleVector.fromArray(SPECIES, c, at + stride + 2 * LANES))
        .intoArray(c, at + stride + 2 * LANES);
    c20.add(DoubleVector.fromArray(SPECIES, c, at + 2 * stride)).intoArray(c, at + 2 * stride);
    c21.add(DoubleVector.fromArray(SPECIES, c, at + 2 * stride + LANES))
        .intoArray(c, at + 2 * stride + LANES);
    c22.add(DoubleVector.fromArray(SPECIES, c, at + 2 * stride + 2 * LANES))
        .intoArray(c, at + 2 * stride + 2 * LANES);
    c30.add(DoubleVector.fromArray(SPECIES, c, at + 3 * stride)).intoArray(c, at + 3 * stride);
    c31.add(DoubleVector.fromArray(SPECIES, c, at + 3 * stride + LANES))
        .intoArray(c, at + 3 * stride + LANES);
    c32.add(DoubleVector.fromArray(SPECIES, c, at + 3 * stride + 2 * LANES))
        .intoArray(c, at + 3 * stride + 2 * LANES);
    c40.add(DoubleVector.fromArray(SPECIES, c, at + 4 * stride)).intoArray(c, at + 4 * stride);
    c41.add(DoubleVector.fromArray(SPECIES, c, at + 4 * stride + LANES))
        .intoArray(c, at + 4 * stride + LANES);
    c42.add(DoubleVector.fromArray(SPECIES, c, at + 4 * stride + 2 * LANES))
        .intoArray(c, at + 4 * stride + 2 * LANES);
    c50.add(DoubleVector.fromArray(SPECIES, c, at + 5 * stride)).intoArray(c, at + 5 * stride);
    c51.add(DoubleVector.fromArray(SPECIES, c, at + 5 * stride + LANES))
        .intoArray(c, at + 5 * stride + LANES);
    c52.add(DoubleVector.fromArray(SPECIES, c, at + 5 * stride + 2 * LANES))
        .intoArray(c, at + 5 * stride + 2 * LANES);
    c60.add(DoubleVector.fromArray(SPECIES, c, at + 6 * stride)).intoArray(c, at + 6 * stride);
    c61.add(DoubleVector.fromArray(SPECIES, c, at + 6 * stride + LANES))
        .intoArray(c, at + 6 * stride + LANES);
    c62.add(DoubleVector.fromArray(SPECIES, c, at + 6 * stride + 2 * LANES))
        .intoArray(c, at + 6 * stride + 2 * LANES);
    c70.add(DoubleVector.fromArray(SPECIES, c, at + 7 * stride)).intoArray(c, at + 7 * stride);
    c71.add(DoubleVector.fromArray(SPECIES, c, at + 7 * stride + LANES))
        .intoArray(c, at + 7 * stride + LANES);
    c72.add(DoubleVector.fromArray(SPECIES, c, at + 7 * stride + 2 * LANES))
        .intoArray(c, at + 7 * stride + 2 * LANES);
  }

  private static void four(
      double[] a, int aAt, double[] b, int bAt, int steps, double[] c, int at, int stride) {
    DoubleVector c00 = DoubleVector.zero(SPECIES);
    DoubleVector c01 = c00;
    DoubleVector c02 = c00;
    DoubleVector c10 = c00;
    DoubleVector c11 = c00;
    DoubleVector c12 = c00;
    DoubleVector c20 = c00;
    DoubleVector c21 = c00;
    DoubleVector c22 = c00;
    DoubleVector c30 = c00;
    DoubleVector c31 = c00;
    DoubleVector c32 = c00;
    for (int p = 0; p < steps; p++) {
      DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bAt + p * PANEL);
      DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bAt + p * PANEL + LANES);
      DoubleVector b2 = DoubleVector.fromArray(SPECIES, b, bAt + p * PANEL + 2 * LANES);
      DoubleVector a0 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      DoubleVector a1 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 1]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      DoubleVector a2 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 2]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      DoubleVector a3 = DoubleVector.broadcast(SPECIES, a[aAt + p * PANEL + 3]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
    }
    c00.add(DoubleVector.fromArray(SPECIES, c, at)).intoArray(c, at);
    c01.add(DoubleVector.fromArray(SPECIES, c, at + LANES)).intoArray(c, at + LANES);
    c02.add(DoubleVector.fromArray(SPECIES, c, at + 2 * LANES)).intoArray(c, at + 2 * LANES);
    c10.add(DoubleVector.fromArray(SPECIES, c, at + stride)).intoArray(c, at + stride);
    c11.add(DoubleVector.fromArray(SPECIES, c, at + stride + LANES))
        .intoArray(c, at + stride + LANES);
    c12.add(DoubleVector.fromArray(SPECIES, c, at + stride + 2 * LANES))
        .intoArray(c, at + stride + 2 * LANES);
    c20.add(DoubleVector.fromArray(SPECIES, c, at + 2 * stride)).intoArray(c, at + 2 * stride);
    c21.add(DoubleVector.fromArray(SPECIES, c, at + 2 * stride + LANES))
        .intoArray(c, at + 2 * stride + LANES);
    c22.add(DoubleVector.fromArray(SPECIES, c, at + 2 * stride + 2 * LANES))
        .intoArray(c, at + 2 * stride + 2 * LANES);
    c30.add(DoubleVector.fromArray(SPECIES, c, at + 3 * stride)).intoArray(c, at + 3 * stride);
    c31.add(DoubleVector.fromArray(SPECIES, c, at + 3 * stride + LANES))
        .intoArray(c, at + 3 * stride + LANES);
    c32.add(DoubleVector.fromArray(SPECIES, c, at + 3 * stride + 2 * LANES))
        .intoArray(c, at + 3 * stride + 2 * LANES);
  }
}
