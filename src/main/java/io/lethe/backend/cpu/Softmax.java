// The softmax of one row.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.FLOATS;
import static io.lethe.backend.cpu.VectorSpecies.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Sums lie in one order for every run: lanes are stored and added one by one. */
final class Softmax {
  private Softmax() {}

  /** Replaces scores in units of ln 2 by their softmax: {@code 2^x / sum 2^x}. */
  static void exponentials2(float[] x, int at, int count) {
    float maximum = maximum(x, at, count);
    int whole = FLOATS.loopBound(count);
    double sum = 0;
    if (whole > 0) {
      FloatVector m = FloatVector.broadcast(FLOATS, maximum);
      FloatVector total = FloatVector.zero(FLOATS);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector p = VectorMath.exp2(FloatVector.fromArray(FLOATS, x, at + i).sub(m));
        p.intoArray(x, at + i);
        total = total.add(p);
      }
      sum = LaneSum.of(total);
    }
    if (whole < count) {
      var tail = FLOATS.indexInRange(whole, count);
      FloatVector p =
          VectorMath.exp2(FloatVector.fromArray(FLOATS, x, at + whole, tail).sub(maximum));
      p.intoArray(x, at + whole, tail);
      for (int i = whole; i < count; i++) {
        sum += x[at + i];
      }
    }
    float factor = (float) (1 / sum);
    for (int i = 0; i < count; i++) {
      x[at + i] *= factor;
    }
  }

  /** The largest element, or minus infinity; NaN is passed over, and comes out of the sum. */
  static float maximum(float[] x, int at, int count) {
    int whole = FLOATS.loopBound(count);
    float maximum = Float.NEGATIVE_INFINITY;
    if (whole > 0) {
      FloatVector m = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector v = FloatVector.fromArray(FLOATS, x, at + i);
        m = m.blend(v, v.compare(VectorOperators.GT, m));
      }
      maximum = m.reduceLanes(VectorOperators.MAX);
    }
    for (int i = whole; i < count; i++) {
      maximum = x[at + i] > maximum ? x[at + i] : maximum;
    }
    return maximum;
  }
}
