// The vector width that all kernels of this JVM compute at, chosen once.
package io.lethe.backend.cpu;

import io.lethe.UserError;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;

/**
 * Constants that C2 folds into the kernels: {@code import static ...VectorSpecies.FLOATS}. The
 * system property {@code lethe.vectorBits} (128, 256 or 512) overrides what the machine prefers.
 */
public final class VectorSpecies {
  /** Name of the property that forces a width. */
  static final String PROPERTY = "lethe.vectorBits";

  static final VectorShape SHAPE = shape(System.getProperty(PROPERTY));
  static final int BITS = SHAPE.vectorBitSize();

  /** F32 lanes of one vector: 4, 8 or 16. */
  static final int LANES = BITS / Float.SIZE;

  static final jdk.incubator.vector.VectorSpecies<Float> FLOATS =
      jdk.incubator.vector.VectorSpecies.of(float.class, SHAPE);
  static final jdk.incubator.vector.VectorSpecies<Integer> INTS =
      jdk.incubator.vector.VectorSpecies.of(int.class, SHAPE);

  /** Half as many lanes as {@link #FLOATS}; 128 bits hold 2 doubles. */
  public static final jdk.incubator.vector.VectorSpecies<Double> DOUBLES =
      jdk.incubator.vector.VectorSpecies.of(double.class, SHAPE);

  private VectorSpecies() {}

  private static VectorShape shape(String forced) {
    if (forced == null) {
      int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
      return VectorShape.forBitSize(Math.clamp(bits, 128, 512));
    }
    return switch (forced.strip()) {
      case "128" -> FloatVector.SPECIES_128.vectorShape();
      case "256" -> FloatVector.SPECIES_256.vectorShape();
      case "512" -> IntVector.SPECIES_512.vectorShape();
      default ->
          throw new UserError(
              "-D" + PROPERTY + "=" + forced + " is no vector width; give 128, 256 or 512");
    };
  }
}
