// Adds the lanes of a vector in one order, which reduceLanes does not promise.
package io.lethe.backend.cpu;

import static io.lethe.backend.cpu.VectorSpecies.DOUBLES;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** In double; the bytes are the same whether the code is interpreted or compiled. */
final class LaneSum {
  private LaneSum() {}

  static double of(FloatVector vector) {
    DoubleVector low = (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, 0);
    DoubleVector high = (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, 1);
    return of(low.add(high));
  }

  static double of(DoubleVector vector) {
    double sum = vector.lane(0) + vector.lane(1);
    if (DOUBLES.length() > 2) {
      sum += vector.lane(2) + vector.lane(3);
    }
    if (DOUBLES.length() > 4) {
      sum += vector.lane(4) + vector.lane(5) + (vector.lane(6) + vector.lane(7));
    }
    return sum;
  }
}
