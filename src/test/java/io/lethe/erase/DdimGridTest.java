// The grid of noise levels, its step, and how much each level weighs.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.diffusion.NoiseSchedule;
import io.lethe.weights.ComponentConfig;
import io.lethe.weightstools.SyntheticWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schedule is that of Stable Diffusion 1.x, which the bundled model shares. */
final class DdimGridTest {
  private static final Path CONFIG =
      Path.of("src/main/models/emoji-sd/scheduler/scheduler_config.json");

  @TempDir Path folder;

  private final NoiseSchedule schedule = NoiseSchedule.from(ComponentConfig.read(CONFIG));
  private final DdimGrid grid = new DdimGrid(schedule, 50);

  @Test
  void theScheduleHasTheKnownValues() {
    int[] at = {0, 1, 21, 101, 201, 401, 501, 601, 801, 901, 961, 981, 999};
    double[] expected = {
      0.99915, 0.99830, 0.98038, 0.89298, 0.75214, 0.42288, 0.27500, 0.15982, 0.03655, 0.01400,
      0.00728, 0.00578, 0.0046601
    };
    for (int i = 0; i < at.length; i++) {
      assertEquals(expected[i], schedule.alphaCumprod(at[i]), 5e-6, "timestep " + at[i]);
    }
  }

  @Test
  void levelsStandOneAboveTheMultiplesOfTheStride() {
    assertEquals(20, grid.stride());
    for (int level = 0; level < 50; level++) {
      assertEquals(20 * level + 1, grid.timestep(level));
    }
    DdimGrid coarse = new DdimGrid(schedule, 10);
    assertEquals(901, coarse.timestep(9));
    assertEquals(999, new DdimGrid(schedule, 1000).timestep(999), "the last one stays inside");
    assertThrows(LetheException.class, () -> new DdimGrid(schedule, 0));
    assertThrows(LetheException.class, () -> new DdimGrid(schedule, 1001));
  }

  @Test
  void aStepIsTheFormulaAndLeavesOtherSamplesAlone() {
    for (int level : new int[] {49, 20, 1, 0}) {
      float[] latents = SyntheticWeights.signal("ddim.x", 3, 5);
      float[] noise = SyntheticWeights.signal("ddim.e", 3, 5);
      float[] before = latents.clone();
      grid.step(latents, 5, 5, noise, level);
      double alpha = schedule.alphaCumprod(20 * level + 1);
      // Below the lowest level stands timestep 0.
      double next = schedule.alphaCumprod(level == 0 ? 0 : 20 * (level - 1) + 1);
      for (int i = 0; i < latents.length; i++) {
        double clean = (before[i] - Math.sqrt(1 - alpha) * noise[i]) / Math.sqrt(alpha);
        double expected = Math.sqrt(next) * clean + Math.sqrt(1 - next) * noise[i];
        boolean moved = i >= 5 && i < 10;
        assertEquals(moved ? expected : before[i], latents[i], 1e-5, level + " [" + i + "]");
      }
    }
  }

  @Test
  void velocityMakesTheSameStepAsTheNoiseThatItStandsFor() throws IOException {
    Path config = folder.resolve("scheduler_config.json");
    String text =
        Files.readString(CONFIG)
            .replace("\"prediction_type\": \"epsilon\"", "\"prediction_type\": \"v_prediction\"");
    Files.writeString(config, text);
    DdimGrid velocity = new DdimGrid(NoiseSchedule.from(ComponentConfig.read(config)), 50);
    float[] byNoise = SyntheticWeights.signal("ddim.x", 7);
    float[] byVelocity = byNoise.clone();
    float[] noise = SyntheticWeights.signal("ddim.e", 7);
    double alpha = schedule.alphaCumprod(grid.timestep(30));
    float[] v = new float[7];
    for (int i = 0; i < 7; i++) {
      double clean = (byNoise[i] - Math.sqrt(1 - alpha) * noise[i]) / Math.sqrt(alpha);
      v[i] = (float) (Math.sqrt(alpha) * noise[i] - Math.sqrt(1 - alpha) * clean);
    }
    grid.step(byNoise, 0, 7, noise, 30);
    velocity.step(byVelocity, 0, 7, v, 30);
    for (int i = 0; i < 7; i++) {
      assertEquals(byNoise[i], byVelocity[i], 1e-5);
    }
  }

  @Test
  void weightsOfTheCleanLatentAreTheKnownTable() {
    int[] levels = {0, 10, 20, 30, 40, 45, 49};
    double[] expected = {0.0017, 0.33, 1.365, 5.26, 26.4, 70.4, 172};
    double[] rounding = {5e-5, 5e-3, 5e-3, 5e-3, 5e-2, 5e-2, 0.5};
    for (int i = 0; i < levels.length; i++) {
      double weight = Weighting.X0.weight(schedule, grid.timestep(levels[i]));
      assertEquals(expected[i], weight, rounding[i], "level " + levels[i]);
    }
    double sum = 0;
    double noisiestTen = 0;
    for (int level = 0; level < 50; level++) {
      double weight = Weighting.X0.weight(schedule, grid.timestep(level));
      sum += weight;
      noisiestTen += level >= 40 ? weight : 0;
      assertEquals(1, Weighting.NONE.weight(schedule, grid.timestep(level)));
      assertEquals(
          Math.min(weight, 5), Weighting.X0_CLAMPED.weight(schedule, grid.timestep(level)));
    }
    assertEquals(18.5, sum / 50, 0.05);
    assertEquals(0.84, noisiestTen / sum, 0.005);
  }

  @Test
  void weightingsAndSchedulesAreFoundByName() {
    assertEquals(Weighting.X0_CLAMPED, Weighting.named("x0-clamped"));
    assertEquals(LearningRate.COSINE, LearningRate.named("cosine"));
    String message = assertThrows(UserError.class, () -> Weighting.named("snr")).getMessage();
    assertTrue(message.contains("'snr'") && message.contains("x0-clamped"), message);
    assertThrows(UserError.class, () -> LearningRate.named("linear"));
    assertEquals(1, LearningRate.COSINE.factor(0, 10));
    assertEquals(0.5, LearningRate.COSINE.factor(5, 10), 1e-12);
    assertEquals(1, LearningRate.CONSTANT.factor(9, 10));
  }
}
