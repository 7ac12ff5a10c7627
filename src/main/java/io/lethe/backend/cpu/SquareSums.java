// Sums of squares and of squared differences in double.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.DOUBLES;
import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Chunks of a fixed size are summed by themselves and added in order. */
final class SquareSums {
  private static final int CHUNK = Pointwise.CHUNK;

  private final WorkerPool pool;
  private double[] parts = {};

  SquareSums(WorkerPool pool) {
    this.pool = pool;
  }

  /**
   * {@code sum_i (x[i] - y[i])^2} over {@code count} elements from {@code at} on.
   *
   * @param y null for zeros
   */
  double of(float[] x, float[] y, int at, int count) {
    int chunks = (count + CHUNK - 1) / CHUNK;
    if (parts.length < chunks) {
      parts = new double[chunks];
    }
    pool.run(
        chunks,
        count / 4,
        (task, worker) -> {
          int from = at + task * CHUNK;
          int end = (int) Math.min((long) at + count, (long) from + CHUNK);
          parts[task] = y == null ? squares(x, from, end) : differences(x, y, from, end);
        });
    double sum = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
      sum += parts[chunk];
    }
    return sum;
  }

  private static double squares(float[] x, int from, int end) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = DoubleVector.zero(DOUBLES);
    int i = from;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      even = low.fma(low, even);
      odd = high.fma(high, odd);
    }
    double sum = LaneSum.of(even.add(odd));
    for (; i < end; i++) {
      sum = Math.fma((double) x[i], x[i], sum);
    }
    return sum;
  }

  private static double differences(float[] x, float[] y, int from, int end) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = DoubleVector.zero(DOUBLES);
    int i = from;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector w = FloatVector.fromArray(FLOATS, y, i);
      DoubleVector low =
          ((DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0))
              .sub(w.convertShape(VectorOperators.F2D, DOUBLES, 0));
      DoubleVector high =
          ((DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1))
              .sub(w.convertShape(VectorOperators.F2D, DOUBLES, 1));
      even = low.fma(low, even);
      odd = high.fma(high, odd);
    }
    double sum = LaneSum.of(even.add(odd));
    for (; i < end; i++) {
      double difference = (double) x[i] - y[i];
      sum = Math.fma(difference, difference, sum);
    }
    return sum;
  }
}
