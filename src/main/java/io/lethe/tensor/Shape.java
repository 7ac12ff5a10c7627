// The extents of a tensor, immutable, with its element count checked once.
package io.lethe.tensor;

import io.lethe.LetheException;
import java.util.Arrays;

/**
 * Extents of a row-major tensor, outermost first. Rank 0 is a scalar of one element; an extent may
 * be 0.
 */
public final class Shape {
  private final long[] extents;
  private final long elements;

  private Shape(long[] extents) {
    long product = 1;
    for (long extent : extents) {
      if (extent < 0) {
        throw new LetheException("negative extent in shape " + Arrays.toString(extents));
      }
      try {
        product = Math.multiplyExact(product, extent);
      } catch (ArithmeticException overflow) {
        throw new LetheException(
            "shape " + Arrays.toString(extents) + " has more than 2^63 elements", overflow);
      }
    }
    this.extents = extents;
    this.elements = product;
  }

  /** A shape of these extents, outermost first. */
  public static Shape of(long... extents) {
    return new Shape(extents.clone());
  }

  public int rank() {
    return extents.length;
  }

  /** The extent of one axis; negative counts from the last ({@code -1} is the innermost). */
  public int dim(int axis) {
    int index = axis < 0 ? extents.length + axis : axis;
    if (index < 0 || index >= extents.length) {
      throw new LetheException("axis " + axis + " is outside shape " + this);
    }
    return Math.toIntExact(extents[index]);
  }

  public long elements() {
    return elements;
  }

  /**
   * The element count as an int. @throws LetheException above 2^31 - 1, the most a compute tensor
   * holds
   */
  public int size() {
    if (elements > Integer.MAX_VALUE) {
      throw new LetheException("shape " + this + " has more than 2^31 - 1 elements");
    }
    return (int) elements;
  }

  /** The product of all extents but the innermost: how many rows of {@code dim(-1)} there are. */
  public int rows() {
    return dim(-1) == 0 ? 0 : size() / dim(-1);
  }

  public long[] extents() {
    return extents.clone();
  }

  /** This shape with its innermost extent replaced. */
  public Shape withLast(long extent) {
    long[] copy = extents.clone();
    copy[copy.length - 1] = extent;
    return new Shape(copy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  /** Such as {@code [2, 64, 64, 320]}. */
  @Override
  public String toString() {
    return Arrays.toString(extents);
  }
}
