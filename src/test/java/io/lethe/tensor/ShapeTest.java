// Proves what a shape counts and refuses.
package io.lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class ShapeTest {
  @Test
  void countsElementsAndRowsAndNamesAxesFromBothEnds() {
    Shape shape = Shape.of(2, 5, 33);
    assertEquals(3, shape.rank());
    assertEquals(330, shape.elements());
    assertEquals(330, shape.size());
    assertEquals(10, shape.rows());
    assertEquals(2, shape.dim(0));
    assertEquals(33, shape.dim(-1));
    assertEquals(2, shape.dim(-3));
    assertEquals("[2, 5, 33]", shape.toString());
  }

  @Test
  void aScalarHasOneElementAndAnEmptyExtentNone() {
    assertEquals(1, Shape.of().elements());
    assertEquals(0, Shape.of(3, 0).elements());
    assertEquals(0, Shape.of(3, 0).rows());
  }

  @Test
  void isAValueThatTheCallersArrayCannotChange() {
    long[] extents = {2, 3};
    Shape shape = Shape.of(extents);
    extents[0] = 9;
    shape.extents()[1] = 9;
    assertEquals(Shape.of(2, 3), shape);
    assertEquals(Shape.of(2, 3).hashCode(), shape.hashCode());
    assertNotEquals(Shape.of(3, 2), shape);
    assertArrayEquals(new long[] {2, 7}, shape.withLast(7).extents());
    assertEquals(Shape.of(2, 3), shape);
  }

  @Test
  void refusesWhatIsNoShapeWithTheExtentsInTheMessage() {
    assertMessage("[2, -1]", () -> Shape.of(2, -1));
    assertMessage("[4294967296, 4294967296]", () -> Shape.of(1L << 32, 1L << 32));
    assertMessage("[65536, 65536]", () -> Shape.of(65536, 65536).size());
    assertMessage("axis 2 is outside shape [3, 4]", () -> Shape.of(3, 4).dim(2));
    assertMessage("axis -3 is outside shape [3, 4]", () -> Shape.of(3, 4).dim(-3));
  }

  private static void assertMessage(String part, Executable call) {
    String message = assertThrows(LetheException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
