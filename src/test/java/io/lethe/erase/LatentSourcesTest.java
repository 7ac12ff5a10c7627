// Where training latents come from: fresh partial samplings, and the reservoir.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.diffusion.Denoiser;
import io.lethe.diffusion.Layout;
import io.lethe.diffusion.NoiseSchedule;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TextContexts;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LatentSourcesTest {
  private static final List<String> WORDS = List.of("lion", "pizza");

  private static EmojiModel emoji;
  private static TextContexts contexts;
  private Denoiser denoiser;

  @BeforeAll
  static void open() {
    emoji = new EmojiModel(2);
    contexts = new TextContexts(emoji.backend, emoji.model.tokenizer(), emoji.model.textEncoder());
  }

  @AfterAll
  static void close() {
    emoji.close();
  }

  @BeforeEach
  void openDenoiser() {
    denoiser = new Denoiser(emoji.backend, emoji.model.unet(), 16, 16);
  }

  @AfterEach
  void closeDenoiser() {
    denoiser.close();
  }

  private static DdimGrid grid(int levels) {
    return new DdimGrid(emoji.model.schedule(), levels);
  }

  private static FreshLatents fresh(
      RandomStreams random, int levels, double guidance, boolean legacy) {
    return new FreshLatents(
        "z",
        grid(levels),
        word -> contexts.get(WORDS.get(word)),
        contexts.get(""),
        guidance,
        random,
        4,
        legacy);
  }

  private static Reservoir reservoir(RandomStreams random, int levels) {
    return new Reservoir(
        "z", grid(levels), word -> contexts.get(WORDS.get(word)), contexts.get(""), 1, random, 4);
  }

  /** The first seed whose first timestep falls on this level of 50. */
  private static long seedOf(int level) {
    for (long seed = 0; seed < 10_000; seed++) {
      if (new RandomStreams(seed).below("z.timestep", 50) == level) {
        return seed;
      }
    }
    throw new AssertionError("no seed draws level " + level);
  }

  /** Specs, 0.2: T = 0 and T = 1 run all 49 steps, then 50 - T; t is drawn within T's stride. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 30, 49})
  void legacySamplingTakesThePublishedSteps(int drawn) {
    FreshLatents source = fresh(new RandomStreams(seedOf(drawn)), 50, 1, true);
    LatentBatch batch = source.take(new int[] {0}, denoiser);
    assertEquals(drawn == 0 ? 49 : 50 - drawn, denoiser.passes());
    double timestep = batch.timesteps()[0];
    assertTrue(timestep >= 20 * drawn && timestep <= 20 * drawn + 19, "t = " + timestep);
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 49})
  void consistentSamplingStopsOnTheLevelThatItAnnounces(int drawn) {
    FreshLatents source = fresh(new RandomStreams(seedOf(drawn)), 50, 1, false);
    LatentBatch batch = source.take(new int[] {0}, denoiser);
    assertEquals(49 - drawn, denoiser.passes());
    assertEquals(20 * drawn + 1, batch.timesteps()[0]);
  }

  /** The latent itself, against the formula of the specs written out in double. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFreshLatentIsTheSpecsPartialSampling(boolean legacy) {
    int levels = 5;
    for (long seed = 0; seed < 4; seed++) {
      LatentBatch batch =
          fresh(new RandomStreams(seed), levels, 3, legacy).take(new int[] {1}, denoiser);
      RandomStreams again = new RandomStreams(seed);
      float[] noise = Layout.toChannelsLast(again.stream("z.noise").randn(1024), 1, 4, 16, 16);
      int drawn = again.below("z.timestep", levels);
      float[] expected = noise;
      for (int k = legacy ? levels - 2 : levels - 1; k >= 0; k--) {
        if (!legacy && k == drawn) {
          break; // the latent stands on level k
        }
        expected = step(expected, levels, k);
        if (legacy && k + 1 == drawn) {
          break; // the published loop stops after index k
        }
      }
      double error = distance(batch.latents(), expected);
      assertTrue(error <= 1e-5, "T " + drawn + ": " + error);
    }
  }

  private float[] step(float[] latent, int levels, int k) {
    NoiseSchedule schedule = emoji.model.schedule();
    int stride = 1000 / levels;
    double[] at = {k * stride + 1};
    float[] guided = denoiser.predict(latent, at, List.of(contexts.get("pizza")));
    float[] plain = denoiser.predict(latent, at, List.of(contexts.get("")));
    double alpha = schedule.alphaCumprod(k * stride + 1);
    double next = schedule.alphaCumprod(k == 0 ? 0 : (k - 1) * stride + 1);
    float[] result = new float[latent.length];
    for (int i = 0; i < result.length; i++) {
      double e = plain[i] + 3.0 * (guided[i] - plain[i]);
      double clean = (latent[i] - Math.sqrt(1 - alpha) * e) / Math.sqrt(alpha);
      result[i] = (float) (Math.sqrt(next) * clean + Math.sqrt(1 - next) * e);
    }
    return result;
  }

  private static double distance(float[] actual, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  @Test
  void aFilledReservoirHoldsEveryLevelOfEveryTrajectory() {
    Reservoir pool = reservoir(new RandomStreams(1), 6);
    pool.fill(new int[] {0, 0, 1}, 1, denoiser);
    assertEquals(3 * 6, pool.slots());
    assertEquals(3 * 5, denoiser.passes(), "5 steps between 6 levels, 3 trajectories");
    // All six levels of word 1, each once: a batch takes no latent twice while there are others.
    LatentBatch batch = pool.take(new int[] {1, 1, 1, 1, 1, 1}, denoiser);
    double[] timesteps = batch.timesteps().clone();
    Arrays.sort(timesteps);
    assertArrayEquals(new double[] {1, 167, 333, 499, 665, 831}, timesteps);
    assertEquals(6, Arrays.stream(batch.slots()).distinct().count());
    assertEquals(7, pool.take(new int[7], denoiser).size());
    assertThrows(LetheException.class, () -> pool.take(new int[] {2}, denoiser));
  }

  @Test
  void aStrideThinsEachTrajectoryAndTogetherTheyCoverAllLevels() {
    Reservoir pool = reservoir(new RandomStreams(1), 6);
    pool.fill(new int[] {0, 0, 0}, 3, denoiser);
    assertEquals(6, pool.slots());
    LatentBatch batch = pool.take(new int[6], denoiser);
    assertEquals(6, Arrays.stream(batch.timesteps()).distinct().count());
  }

  @Test
  void advancingMovesWhatWasTakenOneLevelDown() {
    DdimGrid grid = grid(6);
    Reservoir pool = reservoir(new RandomStreams(4), 6);
    pool.fill(new int[] {0}, 1, denoiser);
    TrainingState before = new TrainingState();
    pool.save("p", before);
    long[] levels = before.longs("p.level").clone();
    float[] latents = before.floats("p.latents").clone();
    LatentBatch batch = pool.take(new int[] {0, 0}, denoiser);
    long passes = denoiser.passes();
    pool.advance(batch, batch.size(), denoiser);
    assertEquals(2, denoiser.passes() - passes, "one pass a latent without guidance");
    TrainingState after = new TrainingState();
    pool.save("p", after);
    int size = denoiser.latentSize();
    for (int slot = 0; slot < levels.length; slot++) {
      int own = slot;
      boolean taken = Arrays.stream(batch.slots()).anyMatch(each -> each == own);
      float[] old = Arrays.copyOfRange(latents, slot * size, (slot + 1) * size);
      float[] now = Arrays.copyOfRange(after.floats("p.latents"), slot * size, (slot + 1) * size);
      if (!taken) {
        assertEquals(levels[slot], after.longs("p.level")[slot]);
        assertArrayEquals(old, now);
        continue;
      }
      int level = (int) levels[slot];
      assertEquals(level == 0 ? 5 : level - 1, after.longs("p.level")[slot]);
      if (level > 0) {
        float[] predicted =
            denoiser.predict(
                old, new double[] {grid.timestep(level)}, List.of(contexts.get("lion")));
        grid.step(old, 0, size, predicted, level);
        assertTrue(distance(now, old) <= 1e-5, "level " + level + ": " + distance(now, old));
      }
    }
  }

  @Test
  void aFinishedLatentStartsAgainFromNoise() {
    Reservoir pool = reservoir(new RandomStreams(4), 2);
    pool.fill(new int[] {0}, 1, denoiser);
    LatentBatch both = pool.take(new int[] {0, 0}, denoiser);
    pool.advance(both, both.size(), denoiser);
    TrainingState state = new TrainingState();
    pool.save("p", state);
    assertArrayEquals(new long[] {0, 1}, state.longs("p.level"), "levels 1 and 0 before");
    float[] latents = state.floats("p.latents");
    int size = denoiser.latentSize();
    double mean = 0;
    for (int i = size; i < 2 * size; i++) {
      mean += latents[i] * latents[i] / size;
    }
    assertEquals(1, mean, 0.15, "unit variance");
  }

  @Test
  void aRestoredReservoirIsTheSame() {
    RandomStreams random = new RandomStreams(4);
    Reservoir pool = reservoir(random, 4);
    pool.fill(new int[] {0, 1}, 1, denoiser);
    TrainingState state = new TrainingState();
    pool.save("p", state);
    Map<String, byte[]> streams = random.states();
    LatentBatch expected = pool.take(new int[] {0, Reservoir.ANY}, denoiser);
    RandomStreams later = new RandomStreams(4);
    Reservoir restored = reservoir(later, 4);
    restored.load("p", state);
    streams.forEach(later::restore);
    LatentBatch actual = restored.take(new int[] {0, Reservoir.ANY}, denoiser);
    assertArrayEquals(expected.latents(), actual.latents());
    assertArrayEquals(expected.slots(), actual.slots());
    assertFalse(Arrays.stream(actual.slots()).anyMatch(slot -> slot < 0));
  }
}
