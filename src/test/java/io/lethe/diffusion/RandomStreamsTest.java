// Streams of random numbers that do not move one another.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RandomStreamsTest {
  private static float[] draw(RandomStreams random, String name) {
    return random.stream(name).randn(20);
  }

  @Test
  void drawingMoreOfOneMovesNoOther() {
    RandomStreams plain = new RandomStreams(7);
    float[] expected = draw(plain, "noise");
    float[] next = draw(plain, "noise");
    RandomStreams busy = new RandomStreams(7);
    draw(busy, "gumbel");
    assertArrayEquals(expected, draw(busy, "noise"));
    busy.below("timestep", 50);
    draw(busy, "keep.noise");
    assertArrayEquals(next, draw(busy, "noise"));
  }

  @Test
  void everyNameAndSeedHasItsOwnNumbers() {
    Set<Float> first = new HashSet<>();
    int streams = 0;
    for (long seed : new long[] {0, 1, 2, -1, 1L << 40}) {
      for (String name : new String[] {"noise", "gumbel", "erase.noise", "keep.noise", ""}) {
        first.add(draw(new RandomStreams(seed), name)[0]);
        streams++;
      }
    }
    assertTrue(first.size() == streams, first.size() + " of " + streams + " differ");
  }

  @Test
  void aRestoredStreamGoesOnAlike() {
    RandomStreams whole = new RandomStreams(3);
    whole.below("timestep", 50);
    whole.stream("noise").randn(5); // an odd count keeps half a pair
    Map<String, byte[]> states = whole.states();
    RandomStreams restored = new RandomStreams(3);
    draw(restored, "noise"); // what was drawn before the load is forgotten
    states.forEach(restored::restore);
    assertArrayEquals(whole.stream("noise").randn(3), restored.stream("noise").randn(3));
    for (int i = 0; i < 10; i++) {
      assertTrue(whole.below("timestep", 50) == restored.below("timestep", 50));
    }
  }

  @Test
  void wholeNumbersStayBelowTheirBound() {
    RandomStreams random = new RandomStreams(0);
    int[] counts = new int[5];
    for (int i = 0; i < 5000; i++) {
      counts[random.below("form", 5)]++;
    }
    assertFalse(Arrays.stream(counts).anyMatch(count -> Math.abs(count - 1000) > 150));
  }
}
