// Proves that the pool gives arrays back by their exact length and keeps no more than its limit.
package io.lethe.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

final class BufferPoolTest {
  @Test
  void givesBackTheSameArrayOnlyForTheSameLengthAndType() {
    BufferPool pool = new BufferPool(1000);
    float[] single = new float[5];
    double[] wide = new double[5];
    pool.give(new Buffer.Floats(single));
    pool.give(new Buffer.Doubles(wide));
    assertEquals(4, pool.takeFloats(4).length);
    assertSame(single, pool.takeFloats(5));
    assertNotSame(single, pool.takeFloats(5));
    assertSame(wide, pool.takeDoubles(5));
  }

  @Test
  void dropsWhatIsIdleRatherThanExceedItsLimit() {
    BufferPool pool = new BufferPool(100);
    float[] first = new float[20];
    float[] second = new float[10];
    float[] tooLarge = new float[30];
    pool.give(new Buffer.Floats(first));
    pool.give(new Buffer.Floats(second));
    assertSame(second, pool.takeFloats(10));
    assertNotSame(first, pool.takeFloats(20));
    pool.give(new Buffer.Floats(tooLarge));
    assertNotSame(tooLarge, pool.takeFloats(30));
  }

  @Test
  void countsWhatItHandsOut() {
    BufferPool pool = new BufferPool(100);
    float[] array = new float[20];
    for (int i = 0; i < 10; i++) {
      pool.give(new Buffer.Floats(array));
      assertSame(array, pool.takeFloats(20));
    }
  }

  @Test
  void dropsAllOnRequest() {
    BufferPool pool = new BufferPool(100);
    float[] array = new float[20];
    pool.give(new Buffer.Floats(array));
    pool.drop();
    assertNotSame(array, pool.takeFloats(20));
    pool.give(new Buffer.Floats(array)); // nothing idle is counted any more: it fits
    assertSame(array, pool.takeFloats(20));
  }
}
