// The noise schedule against diffusers' numbers, and its three uses.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.weights.SafeTensorsFile;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class NoiseScheduleTest {
  private static final NoiseSchedule SCHEDULE = NoiseSchedule.of(SamplersTest.base());

  @Test
  void alphasCumprodAreDiffusersBitForBit() {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile file = SafeTensorsFile.open(Golden.path("schedulers.safetensors"), arena);
      assertArrayEquals(file.tensor("alphas_cumprod").toDoubles(), SCHEDULE.alphasCumprod());
    }
    assertEquals(1000, SCHEDULE.trainSteps());
    assertEquals(PredictionType.EPSILON, SCHEDULE.predictionType());
    assertEquals(0.0046601, SCHEDULE.alphaCumprod(999), 1e-7);
  }

  @Test
  void theOtherSchedulesFollowTheirFormulas() {
    NoiseSchedule linear = NoiseSchedule.of(SchedulerConfig.parse("{}", "test"));
    assertEquals(1e-4, linear.betas()[0], 1e-9);
    assertEquals(0.02, linear.betas()[999], 1e-9);
    assertEquals((1e-4 + 0.02) / 2, (linear.betas()[499] + linear.betas()[500]) / 2, 1e-9);

    NoiseSchedule cosine =
        NoiseSchedule.of(
            SchedulerConfig.parse("{\"beta_schedule\": \"squaredcos_cap_v2\"}", "test"));
    double expected =
        Math.pow(Math.cos((0.5 + 0.008) / 1.008 * Math.PI / 2), 2)
            / Math.pow(Math.cos(0.008 / 1.008 * Math.PI / 2), 2);
    assertEquals(expected, cosine.alphaCumprod(499), 1e-6);
    assertEquals(0.999, cosine.betas()[999], 1e-7);

    NoiseSchedule trained =
        NoiseSchedule.of(
            SchedulerConfig.parse(
                "{\"num_train_timesteps\": 3, \"trained_betas\": [0.5, 0.25, 0.5]}", "test"));
    assertArrayEquals(new double[] {0.5, 0.375, 0.1875}, trained.alphasCumprod());
  }

  @Test
  void zeroTerminalSnrEndsInNoiseAndStartsAsBefore() {
    NoiseSchedule rescaled =
        NoiseSchedule.of(SamplersTest.base().with("rescale_betas_zero_snr", true));
    assertEquals(0, rescaled.alphaCumprod(999));
    assertEquals(SCHEDULE.alphaCumprod(0), rescaled.alphaCumprod(0), 1e-7);
    assertEquals(0x1p-24, rescaled.withFiniteSigmas().alphaCumprod(999));
    assertSame(SCHEDULE, SCHEDULE.withFiniteSigmas());
    UserError error =
        assertThrows(
            UserError.class,
            () ->
                Samplers.create(
                    "ddim",
                    SamplersTest.base()
                        .with("rescale_betas_zero_snr", true)
                        .with("timestep_spacing", "trailing"),
                    4));
    assertTrue(error.getMessage().contains("rescale_betas_zero_snr"), error.getMessage());
  }

  @Test
  void noiseVelocityAndTargetFollowFromAbar() {
    float[] clean = {1, -2, 0.5f};
    float[] noise = {-1, 0.25f, 3};
    double signal = Math.sqrt(SCHEDULE.alphaCumprod(400));
    double level = Math.sqrt(1 - SCHEDULE.alphaCumprod(400));
    float[] noisy = SCHEDULE.addNoise(clean, noise, 400);
    float[] velocity = SCHEDULE.velocity(clean, noise, 400);
    for (int i = 0; i < clean.length; i++) {
      assertEquals(signal * clean[i] + level * noise[i], noisy[i], 1e-6);
      assertEquals(signal * noise[i] - level * clean[i], velocity[i], 1e-6);
      assertEquals(clean[i], signal * noisy[i] - level * velocity[i], 1e-6);
    }
    assertSame(noise, SCHEDULE.target(clean, noise, 400));
    NoiseSchedule forVelocity =
        NoiseSchedule.of(SamplersTest.base().with("prediction_type", "v_prediction"));
    assertArrayEquals(velocity, forVelocity.target(clean, noise, 400));
    assertEquals(level / signal, SCHEDULE.sigma(400), 1e-6);
    assertThrows(LetheException.class, () -> SCHEDULE.addNoise(clean, new float[2], 400));
    assertThrows(LetheException.class, () -> SCHEDULE.alphaCumprod(1000));
    assertThrows(LetheException.class, () -> SCHEDULE.alphaCumprod(-1));
  }

  @Test
  void betasThatAreNoneAreRefused() {
    String[] broken = {
      "{\"beta_start\": 0}",
      "{\"beta_end\": 1}",
      "{\"beta_start\": \"0.1\"}",
      "{\"beta_schedule\": \"sigmoid\"}",
      "{\"num_train_timesteps\": 0}",
      "{\"num_train_timesteps\": 1e9}",
      "{\"trained_betas\": [0.1, 0.2]}",
      "{\"trained_betas\": 7}",
      "{\"num_train_timesteps\": 1, \"trained_betas\": [null]}",
      "{\"beta_start\": -1, \"beta_schedule\": \"scaled_linear\"}"
    };
    for (String json : broken) {
      SchedulerConfig config = SchedulerConfig.parse(json, "test");
      assertThrows(UserError.class, () -> NoiseSchedule.of(config), json);
    }
  }
}
