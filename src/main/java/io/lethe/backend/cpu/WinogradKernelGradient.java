// The gradients of Winograd's transformed weights, transformed back and added to the weight's.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;

/** {@code dg += G^T dU G}, the transpose of {@link WinogradWeights}; lanes are channels. */
final class WinogradKernelGradient {
  private static final int AREA = 9;

  /** Positions of a kernel in whole vectors. */
  private static final int WIDTH = (AREA + LANES - 1) / LANES * LANES;

  private WinogradKernelGradient() {}

  /**
   * LANES kernels that lie one after the other.
   *
   * @param in {@code [place, LANES]} from {@code at} on, {@code place} floats apart
   * @param dw the kernels' gradients from {@code to} on, {@code [LANES, 9]}
   */
  static void add(float[] in, int at, int place, float[] dw, int to, PackedScratch scratch) {
    float[] positions = scratch.band = PackedScratch.atLeast(scratch.band, AREA * LANES);
    transform(in, at, place, positions);
    float[] kernels = scratch.right = PackedScratch.atLeast(scratch.right, LANES * WIDTH);
    int[] rows = scratch.reserveSteps(LANES, WIDTH);
    PackerTranspose.transpose(
        positions, 0, LANES, AREA, WIDTH, LANES, scratch.square, kernels, 0, rows);
    float[] run = scratch.run = PackedScratch.atLeast(scratch.run, LANES * AREA + LANES);
    for (int c = 0; c < LANES; c++) {
      for (int i = 0; i < AREA; i += LANES) {
        // what lies beyond nine positions, the next kernel overwrites
        FloatVector.fromArray(FLOATS, kernels, c * WIDTH + i).intoArray(run, c * AREA + i);
      }
    }
    for (int i = 0; i < LANES * AREA; i += LANES) {
      FloatVector.fromArray(FLOATS, dw, to + i)
          .add(FloatVector.fromArray(FLOATS, run, i))
          .intoArray(dw, to + i);
    }
  }

  private static void transform(float[] in, int row0, int place, float[] out) {
    int row1 = row0 + 4 * place;
    int row2 = row0 + 8 * place;
    int row3 = row0 + 12 * place;
    // t[i, j]: row i of G^T dU in column j
    FloatVector u0 = FloatVector.fromArray(FLOATS, in, row0);
    FloatVector u1 = FloatVector.fromArray(FLOATS, in, row1);
    FloatVector u2 = FloatVector.fromArray(FLOATS, in, row2);
    FloatVector u3 = FloatVector.fromArray(FLOATS, in, row3);
    FloatVector half = u1.add(u2).mul(0.5f);
    final FloatVector t00 = u0.add(half);
    final FloatVector t10 = u1.sub(u2).mul(0.5f);
    final FloatVector t20 = half.add(u3);
    u0 = FloatVector.fromArray(FLOATS, in, row0 + place);
    u1 = FloatVector.fromArray(FLOATS, in, row1 + place);
    u2 = FloatVector.fromArray(FLOATS, in, row2 + place);
    u3 = FloatVector.fromArray(FLOATS, in, row3 + place);
    half = u1.add(u2).mul(0.5f);
    final FloatVector t01 = u0.add(half);
    final FloatVector t11 = u1.sub(u2).mul(0.5f);
    final FloatVector t21 = half.add(u3);
    u0 = FloatVector.fromArray(FLOATS, in, row0 + 2 * place);
    u1 = FloatVector.fromArray(FLOATS, in, row1 + 2 * place);
    u2 = FloatVector.fromArray(FLOATS, in, row2 + 2 * place);
    u3 = FloatVector.fromArray(FLOATS, in, row3 + 2 * place);
    half = u1.add(u2).mul(0.5f);
    final FloatVector t02 = u0.add(half);
    final FloatVector t12 = u1.sub(u2).mul(0.5f);
    final FloatVector t22 = half.add(u3);
    u0 = FloatVector.fromArray(FLOATS, in, row0 + 3 * place);
    u1 = FloatVector.fromArray(FLOATS, in, row1 + 3 * place);
    u2 = FloatVector.fromArray(FLOATS, in, row2 + 3 * place);
    u3 = FloatVector.fromArray(FLOATS, in, row3 + 3 * place);
    half = u1.add(u2).mul(0.5f);
    final FloatVector t03 = u0.add(half);
    final FloatVector t13 = u1.sub(u2).mul(0.5f);
    final FloatVector t23 = half.add(u3);
    row(t00, t01, t02, t03, out, 0);
    row(t10, t11, t12, t13, out, 3 * LANES);
    row(t20, t21, t22, t23, out, 6 * LANES);
  }

  /** One row of G^T dU, times G. */
  private static void row(
      FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] out, int to) {
    FloatVector half = b.add(c).mul(0.5f);
    a.add(half).intoArray(out, to);
    b.sub(c).mul(0.5f).intoArray(out, to + LANES);
    half.add(d).intoArray(out, to + 2 * LANES);
  }
}
