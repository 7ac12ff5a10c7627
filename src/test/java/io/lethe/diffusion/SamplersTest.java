// Every sampler against the golden trajectories, and what is refused.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.weights.SafeTensorsFile;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplersTest {
  private static final String BASE =
      """
      {"_class_name": "DDIMScheduler", "_diffusers_version": "0.40.0",
       "num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012,
       "beta_schedule": "scaled_linear", "clip_sample": false, "set_alpha_to_one": false,
       "skip_prk_steps": true, "trained_betas": null}
      """;

  private static final int SIZE = 4 * 8 * 8;

  static SchedulerConfig base() {
    return SchedulerConfig.parse(BASE, "scheduler_config.json");
  }

  /** The golden names, and the configuration that each stands for. */
  private static Sampler golden(String name, int steps) {
    SchedulerConfig base = base();
    SchedulerConfig offset = base.with("steps_offset", 1);
    return switch (name) {
      case "ddim_v" ->
          Samplers.create("ddim", offset.with("prediction_type", "v_prediction"), steps);
      case "ddpm" -> Samplers.create(name, base, steps);
      default -> Samplers.create(name, offset, steps);
    };
  }

  /** The golden stand-in for a model: {@code 0.7 tanh(x) + 0.1 sin(t / 100)}. */
  private static float[] model(float[] latent, double timestep) {
    float[] output = new float[latent.length];
    double shift = 0.1 * Math.sin(timestep / 100);
    for (int i = 0; i < latent.length; i++) {
      output[i] = (float) (0.7 * Math.tanh(latent[i]) + shift);
    }
    return output;
  }

  static float[] start(Sampler sampler) {
    float[] latent = Golden.signal("sched.x", SIZE);
    for (int i = 0; i < latent.length; i++) {
      latent[i] = (float) (latent[i] * sampler.initialNoiseSigma());
    }
    return latent;
  }

  static void advance(Sampler sampler, int step, float[] latent, NoiseSource noise) {
    float[] output = model(sampler.scaleInput(latent, step), sampler.timesteps()[step]);
    sampler.step(output, step, latent, noise);
  }

  static void assertClose(float[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    double error = Math.sqrt(difference / norm);
    assertFalse(!(error <= tolerance), what + " is off by " + error);
  }

  @Test
  void everyTrajectoryIsTheGoldenOne() {
    List<String> names =
        List.of(
            "ddim",
            "ddim_v",
            "ddpm",
            "pndm",
            "lms",
            "euler",
            "euler_a",
            "dpmpp2m",
            "dpmpp2m_karras");
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile file = SafeTensorsFile.open(Golden.path("schedulers.safetensors"), arena);
      for (String name : names) {
        for (int steps : new int[] {10, 25, 50}) {
          String prefix = name + "." + steps;
          Sampler sampler = golden(name, steps);
          assertArrayEquals(
              file.tensor(prefix + ".timesteps").toDoubles(), sampler.timesteps(), prefix);
          float[] trajectory = file.tensor(prefix + ".trajectory").toFloats();
          float[] latent = start(sampler);
          NoiseSource noise = NoiseSource.channelsFirst(new TorchRandom(7));
          for (int step = 0; step < sampler.timesteps().length; step++) {
            advance(sampler, step, latent, noise);
            float[] expected = Arrays.copyOfRange(trajectory, step * SIZE, (step + 1) * SIZE);
            assertClose(expected, latent, 1e-5, prefix + " step " + step);
          }
        }
      }
    }
  }

  @Test
  void aResetSamplerRepeatsItsRun() {
    for (SamplerKind kind : SamplerKind.values()) {
      Sampler sampler = Samplers.create(kind, base(), 7);
      float[] first = run(sampler);
      sampler.reset();
      assertArrayEquals(first, run(sampler), kind.className());
    }
  }

  private static float[] run(Sampler sampler) {
    float[] latent = start(sampler);
    NoiseSource noise = NoiseSource.channelsFirst(new TorchRandom(7));
    for (int step = 0; step < sampler.timesteps().length; step++) {
      advance(sampler, step, latent, noise);
    }
    return latent;
  }

  @Test
  void aSavedStateGoesOnToTheSameBytes() {
    for (SamplerKind kind : SamplerKind.values()) {
      for (boolean skip : new boolean[] {true, false}) {
        SchedulerConfig config = base().with("skip_prk_steps", skip);
        int evaluations = Samplers.create(kind, config, 7).timesteps().length;
        for (int pause = 1; pause < evaluations; pause++) {
          Sampler sampler = Samplers.create(kind, config, 7);
          TorchRandom random = new TorchRandom(7);
          float[] latent = start(sampler);
          for (int step = 0; step < pause; step++) {
            advance(sampler, step, latent, NoiseSource.channelsFirst(random));
          }
          SamplerState state = sampler.saveState();
          float[] saved = latent.clone();
          byte[] savedRandom = random.getState();
          assertEquals(!sampler.hasHistory(), state.arrays().isEmpty());

          Sampler later = Samplers.create(kind, config, 7);
          later.restoreState(state);
          TorchRandom laterRandom = new TorchRandom(0);
          laterRandom.setState(savedRandom);
          for (int step = pause; step < evaluations; step++) {
            advance(sampler, step, latent, NoiseSource.channelsFirst(random));
            advance(later, step, saved, NoiseSource.channelsFirst(laterRandom));
          }
          assertArrayEquals(latent, saved, kind.className());
        }
      }
    }
  }

  @Test
  void stepsThatCannotBeAreRefused() {
    Sampler sampler = Samplers.create("ddim", base(), 5);
    float[] latent = new float[4];
    assertThrows(
        LetheException.class, () -> sampler.step(latent, 5, latent.clone(), NoiseSource.none()));
    assertThrows(
        LetheException.class, () -> sampler.step(latent, -1, latent.clone(), NoiseSource.none()));
    assertThrows(
        LetheException.class, () -> sampler.step(latent, 0, new float[3], NoiseSource.none()));
    for (SamplerKind kind : SamplerKind.values()) {
      assertThrows(UserError.class, () -> Samplers.create(kind, base(), 0));
      assertThrows(UserError.class, () -> Samplers.create(kind, base(), 1001));
      assertTrue(Samplers.create(kind, base(), 4).timesteps().length >= 4);
    }
    assertThrows(
        UserError.class, () -> Samplers.create("ddim", base().with("steps_offset", 1), 1000));
  }

  @Test
  void namesAreFoundInAnySpelling() {
    assertEquals(SamplerKind.EULER_ANCESTRAL, SamplerKind.named("Euler_A"));
    assertEquals(SamplerKind.PNDM, SamplerKind.named("PNDMScheduler"));
    assertEquals(SamplerKind.DDIM, base().kind());
    UserError unknown = assertThrows(UserError.class, () -> SamplerKind.named("heun"));
    for (SamplerKind kind : SamplerKind.values()) {
      assertTrue(unknown.getMessage().contains(kind.className()), unknown.getMessage());
      assertTrue(unknown.getMessage().contains(kind.shortName()), unknown.getMessage());
    }
    assertThrows(UserError.class, () -> Samplers.create("ddim-karras", base(), 4));
  }

  @Test
  void optionsThatChangeTheResultAndAreNotThereAreNamed() {
    SchedulerConfig base = base();
    assertRefused("thresholding", "ddim", base.with("thresholding", true));
    assertRefused("variance_type", "ddpm", base.with("variance_type", "learned_range"));
    assertRefused("prediction_type", "pndm", base.with("prediction_type", "sample"));
    assertRefused("prediction_type", "ddim", base.with("prediction_type", "flow_prediction"));
    assertRefused("use_beta_sigmas", "euler", base.with("use_beta_sigmas", true));
    assertRefused("interpolation_type", "euler", base.with("interpolation_type", "log_linear"));
    assertRefused("timestep_spacing", "lms", base.with("timestep_spacing", "random"));
    assertRefused("algorithm_type", "dpmpp2m", base.with("algorithm_type", "sde-dpmsolver++"));
    assertRefused("solver_order", "dpmpp2m", base.with("solver_order", 3));
    assertRefused("use_lu_lambdas", "dpmpp2m", base.with("use_lu_lambdas", true));
    assertRefused("final_sigmas_type", "euler", base.with("final_sigmas_type", "one"));
    assertRefused("steps_offset", "ddim", base.with("steps_offset", 0.5));
    assertRefused("clip_sample", "ddim", base.with("clip_sample", "no"));
    // An option of another class is passed by.
    Samplers.create("ddim", base.with("algorithm_type", "sde-dpmsolver++"), 4);
  }

  private static void assertRefused(String option, String name, SchedulerConfig config) {
    UserError error = assertThrows(UserError.class, () -> Samplers.create(name, config, 4));
    assertTrue(error.getMessage().contains(option), error.getMessage());
    assertTrue(error.getMessage().contains("scheduler_config.json"), error.getMessage());
  }
}
