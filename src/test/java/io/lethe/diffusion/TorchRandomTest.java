// The generator against PyTorch's draws, and its saved state.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.weights.SafeTensorsFile;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TorchRandomTest {
  /** Names are draw.seedS.size, such as {@code randn.seed42.1x4x16x16}. */
  @Test
  void everyGoldenDrawIsReproduced() {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile file = SafeTensorsFile.open(Golden.path("rng.safetensors"), arena);
      assertEquals(40, file.tensors().size());
      for (TensorView golden : file.tensors().values()) {
        String[] parts = golden.name().split("\\.");
        TorchRandom random = new TorchRandom(Long.parseLong(parts[1].substring("seed".length())));
        int count = golden.shape().size();
        switch (parts[0]) {
          case "randn" -> assertNear(golden, random.randn(count));
          case "randn2nd" -> {
            random.randn(count);
            assertNear(golden, random.randn(count));
          }
          case "rand" -> assertArrayEquals(golden.toFloats(), random.rand(count), golden.name());
          case "randint1000" ->
              assertArrayEquals(golden.toLongs(), random.randint(0, 1000, count), golden.name());
          case "randperm50" ->
              assertArrayEquals(
                  golden.toLongs(),
                  Arrays.stream(random.randperm(50)).asLongStream().toArray(),
                  golden.name());
          default -> throw new AssertionError(golden.name());
        }
      }
    }
  }

  private static void assertNear(TensorView golden, float[] drawn) {
    float[] expected = golden.toFloats();
    assertEquals(expected.length, drawn.length);
    for (int i = 0; i < drawn.length; i++) {
      double error = Math.abs((double) drawn[i] - expected[i]);
      assertFalse(!(error <= 1e-6), golden.name() + "[" + i + "] is off by " + error);
    }
  }

  @Test
  void aRestoredStateGoesOnWithTheSameDraws() {
    TorchRandom random = new TorchRandom(5);
    random.randn(1003);
    random.randn(3); // leaves a kept sine behind
    byte[] state = random.getState();
    float[] shortDraw = random.randn(4);
    float[] longDraw = random.randn(20);
    long[] integers = random.randint(-5, 5, 700);

    TorchRandom other = new TorchRandom(6);
    other.setState(state);
    assertArrayEquals(shortDraw, other.randn(4));
    assertArrayEquals(longDraw, other.randn(20));
    assertArrayEquals(integers, other.randint(-5, 5, 700));

    random.manualSeed(5);
    assertArrayEquals(new TorchRandom(5).randn(3), random.randn(3));
  }

  @Test
  void damagedStatesAreRefusedAndChangeNothing() {
    TorchRandom random = new TorchRandom(1);
    byte[] state = random.getState();
    assertThrows(UserError.class, () -> random.setState(new byte[0]));
    assertThrows(UserError.class, () -> random.setState(new byte[state.length]));
    assertThrows(UserError.class, () -> random.setState(Arrays.copyOf(state, state.length - 1)));
    byte[] wrongIndex = state.clone();
    wrongIndex[4] = 1;
    assertThrows(UserError.class, () -> random.setState(wrongIndex));
    assertArrayEquals(state, random.getState());
  }

  @Test
  void onlyTheLowHalfOfTheSeedCounts() {
    assertArrayEquals(new TorchRandom(7).rand(9), new TorchRandom(7 + (9L << 32)).rand(9));
    assertArrayEquals(new TorchRandom(-1).rand(9), new TorchRandom(0xffffffffL).rand(9));
  }

  @Test
  void wideRangesTakeTwoDraws() {
    // From a range of 2^28 on PyTorch takes 64 bits, the first draw as the upper half.
    long[] words = new TorchRandom(3).randint(0, 1L << 27, 2);
    assertEquals(words[1], new TorchRandom(3).randint(0, 1L << 28, 1)[0] & (1L << 27) - 1);
    assertEquals(-4, new TorchRandom(3).randint(-4, -3, 1)[0]);
    assertThrows(LetheException.class, () -> new TorchRandom(3).randint(4, 4, 1));
  }

  @Test
  void layoutsAreTransposedAndBack() {
    float[] channelsFirst = {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15};
    float[] channelsLast = {0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15};
    assertArrayEquals(channelsLast, Layout.toChannelsLast(channelsFirst, 1, 2, 2, 3));
    assertArrayEquals(channelsFirst, Layout.toChannelsFirst(channelsLast, 1, 2, 2, 3));
    float[] batch = new TorchRandom(0).randn(2 * 3 * 4 * 5);
    assertArrayEquals(
        batch, Layout.toChannelsFirst(Layout.toChannelsLast(batch, 2, 3, 4, 5), 2, 3, 4, 5));
    assertEquals(batch[3 * 20], Layout.toChannelsLast(batch, 2, 3, 4, 5)[3 * 20], "second picture");
    assertThrows(LetheException.class, () -> Layout.toChannelsLast(batch, 1, 2, 3, 4));
    assertArrayEquals(
        Layout.toChannelsLast(new TorchRandom(9).randn(24), 1, 2, 3, 4),
        NoiseSource.channelsLast(new TorchRandom(9), 1, 2, 3, 4).draw(24));
  }
}
