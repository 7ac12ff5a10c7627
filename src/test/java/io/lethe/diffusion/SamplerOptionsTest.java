// Options that the golden trajectories do not turn on, against what diffusers makes of them.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplerOptionsTest {
  /**
   * Two lines a case: sampler, steps and options (sd: the betas of Stable Diffusion, unclipped);
   * then the first four timesteps, how many there are, and of the last latent the first five
   * elements and the norm. Made with diffusers' scheduler code (0.40, in numpy's float32) on the
   * start, the stand-in model and the seed of the golden trajectories.
   */
  private static final String CASES =
      """
      pndm 7 sd
        at 852 781 781 710 of 16: 6.149713 -5.676239 0.307273 -2.447587 1.372193 norm 48.996977
      pndm 12 sd prediction_type=v_prediction timestep_spacing=trailing
        at 999 957 957 916 of 21: 0.687863 -0.626555 0.087811 -0.347675 0.251714 norm 5.929173
      pndm 6 sd skip_prk_steps=true set_alpha_to_one=true prediction_type=v_prediction
        at 830 664 664 498 of 7: 0.600852 -0.597026 0.079520 -0.332180 0.223822 norm 5.473028
      ddim 9 timestep_spacing=linspace beta_schedule=squaredcos_cap_v2
        at 999 874 749 624 of 9: 0.895225 -0.773491 0.309001 -0.754640 0.673810 norm 10.670418
      ddim 7 sd prediction_type=sample timestep_spacing=trailing
        at 999 856 713 570 of 7: 0.733608 -0.529190 0.341113 -0.421312 0.559144 norm 7.281984
      ddim 8 sd prediction_type=v_prediction timestep_spacing=trailing rescale_betas_zero_snr=true
        at 999 874 749 624 of 8: 0.543126 -0.524271 0.045580 -0.290820 0.173817 norm 4.790964
      ddpm 8 prediction_type=v_prediction variance_type=fixed_large timestep_spacing=linspace
        at 999 856 714 571 of 8: -0.466329 0.542545 0.646214 -1.000000 -1.000000 norm 9.502245
      ddpm 8 sd clip_sample=true clip_sample_range=1.5
        at 875 750 625 500 of 8: -0.058815 -0.548981 0.262696 -1.500000 0.127961 norm 13.900894
      lms 8 sd use_karras_sigmas=true
        at 999 889.546 745.868 549.017 of 8: 14.182923 -11.965067 0.553501 -4.998465 3.358927 norm 107.388213
      lms 8 sd timestep_spacing=leading steps_offset=1 prediction_type=v_prediction
        at 876 751 626 501 of 8: 0.772573 -0.709820 0.099375 -0.392696 0.283473 norm 6.690852
      euler 8 sd use_karras_sigmas=true sigma_min=0.05 sigma_max=9.0
        at 914.171 804.677 663.781 480.864 of 8: 8.454770 -7.695525 0.381732 -3.421372 1.962720 norm 67.278652
      euler 8 sd use_exponential_sigmas=true final_sigmas_type=sigma_min timestep_spacing=trailing
        at 999 908.555 804.567 683.126 of 8: 14.240508 -11.990796 0.580279 -5.067764 3.478796 norm 108.074818
      euler 8 sd prediction_type=sample timestep_spacing=leading
        at 875 750 625 500 of 8: 0.431730 -0.331980 0.225854 -0.268342 0.347972 norm 4.513490
      euler-a 8 sd prediction_type=v_prediction timestep_spacing=trailing
        at 999 874 749 624 of 8: -0.244816 0.246347 0.273781 -0.631164 -0.680657 norm 6.296042
      dpmpp2m 8 sd solver_type=heun final_sigmas_type=sigma_min lower_order_final=false
        at 999 874 749 624 of 8: 14.046946 -12.179716 0.379258 -5.133102 3.099855 norm 107.703988
      dpmpp2m 8 sd solver_order=1 timestep_spacing=leading steps_offset=1 prediction_type=v_prediction
        at 889 778 667 556 of 8: 0.623831 -0.595486 0.060004 -0.330768 0.208267 norm 5.485806
      dpmpp2m 8 lambda_min_clipped=-3.0 timestep_spacing=trailing solver_type=logrho
        at 768 643 518 393 of 7: 18.662001 -17.201349 0.472801 -7.496668 4.027531 norm 148.480527
      dpmpp2m 8 sd prediction_type=v_prediction rescale_betas_zero_snr=true timestep_spacing=trailing
        at 999 874 749 624 of 8: 0.629042 -0.614725 0.052371 -0.346604 0.203769 norm 5.624201
      dpmpp2m 20 sd use_exponential_sigmas=true euler_at_final=true final_sigmas_type=sigma_min
        at 998 942 881 814 of 20: 13.931334 -12.113484 0.470776 -5.008447 2.999959 norm 106.493725
      """;

  @Test
  void everyOptionGivesTheTimestepsAndTheLatentOfDiffusers() {
    List<String> lines = CASES.lines().toList();
    for (int i = 0; i < lines.size(); i += 2) {
      String[] words = lines.get(i).split(" ");
      SchedulerConfig config = SchedulerConfig.parse("{}", "test");
      for (int k = 2; k < words.length; k++) {
        config = words[k].equals("sd") ? stableDiffusion(config) : with(config, words[k]);
      }
      check(
          lines.get(i),
          Samplers.create(words[0], config, Integer.parseInt(words[1])),
          lines.get(i + 1).strip().split(" "));
    }
  }

  private static SchedulerConfig stableDiffusion(SchedulerConfig config) {
    return config
        .with("beta_start", 0.00085)
        .with("beta_end", 0.012)
        .with("beta_schedule", "scaled_linear")
        .with("clip_sample", false);
  }

  private static SchedulerConfig with(SchedulerConfig config, String option) {
    int equals = option.indexOf('=');
    String key = option.substring(0, equals);
    String value = option.substring(equals + 1);
    return switch (value) {
      case "true", "false" -> config.with(key, Boolean.valueOf(value));
      default ->
          config.with(key, value.matches("-?[0-9.]+") ? (Object) Double.valueOf(value) : value);
    };
  }

  /** Expected: at t0 t1 t2 t3 of n: x0 x1 x2 x3 x4 norm x. */
  private static void check(String what, Sampler sampler, String[] expected) {
    double[] timesteps = sampler.timesteps();
    assertEquals(expected[6], timesteps.length + ":", what);
    for (int k = 0; k < 4; k++) {
      assertEquals(Double.parseDouble(expected[1 + k]), timesteps[k], 1e-3, what);
    }
    float[] latent = SamplersTest.start(sampler);
    NoiseSource noise = NoiseSource.channelsFirst(new TorchRandom(7));
    for (int step = 0; step < timesteps.length; step++) {
      SamplersTest.advance(sampler, step, latent, noise);
    }
    double squares = 0;
    for (float value : latent) {
      squares += (double) value * value;
    }
    double norm = Double.parseDouble(expected[13]);
    assertFalse(!(Math.abs(Math.sqrt(squares) - norm) <= 1e-5 * norm), what + ": norm");
    double tolerance = 1e-5 * norm / Math.sqrt(latent.length) + 1e-6; // 1e-6: six decimals above
    for (int k = 0; k < 5; k++) {
      double error = Math.abs(latent[k] - Double.parseDouble(expected[7 + k]));
      assertFalse(!(error <= tolerance), what + ": element " + k + " is off by " + error);
    }
  }
}
