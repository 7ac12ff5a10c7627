// The samplers that there are: their names, and the options that each understands.
package io.lethe.diffusion;

import io.lethe.UserError;
import io.lethe.weights.Printable;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** One constant a sampler, under diffusers' class name and under short names. */
public enum SamplerKind {
  DDIM(
      "DDIMScheduler",
      List.of("ddim"),
      "clip_sample clip_sample_range set_alpha_to_one thresholding dynamic_thresholding_ratio"
          + " sample_max_value rescale_betas_zero_snr"),
  DDPM(
      "DDPMScheduler",
      List.of("ddpm"),
      "variance_type clip_sample clip_sample_range thresholding dynamic_thresholding_ratio"
          + " sample_max_value rescale_betas_zero_snr"),
  PNDM("PNDMScheduler", List.of("pndm", "plms"), "skip_prk_steps set_alpha_to_one"),
  LMS(
      "LMSDiscreteScheduler",
      List.of("lms"),
      "use_karras_sigmas use_exponential_sigmas use_beta_sigmas"),
  EULER(
      "EulerDiscreteScheduler",
      List.of("euler"),
      "interpolation_type use_karras_sigmas use_exponential_sigmas use_beta_sigmas sigma_min"
          + " sigma_max timestep_type rescale_betas_zero_snr final_sigmas_type"),
  EULER_ANCESTRAL(
      "EulerAncestralDiscreteScheduler",
      List.of("euler-a", "euler-ancestral"),
      "rescale_betas_zero_snr"),
  DPM_SOLVER(
      "DPMSolverMultistepScheduler",
      List.of("dpmpp2m", "dpm++2m", "dpm-solver"),
      "solver_order thresholding dynamic_thresholding_ratio sample_max_value algorithm_type"
          + " solver_type lower_order_final euler_at_final use_karras_sigmas"
          + " use_exponential_sigmas use_beta_sigmas use_lu_lambdas use_flow_sigmas flow_shift"
          + " final_sigmas_type lambda_min_clipped variance_type rescale_betas_zero_snr"
          + " use_dynamic_shifting time_shift_type");

  /** Options of diffusers' other classes: a folder may carry them, these samplers pass them by. */
  private static final String ELSEWHERE =
      "snr_shift_scale noise_sampler_seed predictor_order corrector_order tau_func predict_x0"
          + " disable_corrector solver_p shift_terminal";

  private final String className;
  private final List<String> names;
  private final Set<String> keys;

  SamplerKind(String className, List<String> names, String keys) {
    this.className = className;
    this.names = names;
    Set<String> all = new HashSet<>(words(keys));
    all.addAll(
        words(
            "num_train_timesteps beta_start beta_end beta_schedule trained_betas prediction_type"
                + " timestep_spacing steps_offset"));
    this.keys = Set.copyOf(all);
  }

  private static List<String> words(String text) {
    return List.of(text.split(" "));
  }

  /** Diffusers' name of the class. */
  public String className() {
    return className;
  }

  /** The name for command lines. */
  public String shortName() {
    return names.getFirst();
  }

  /** The options of its configuration. */
  Set<String> keys() {
    return keys;
  }

  /** Every option that a scheduler_config.json can have. */
  static Set<String> allKeys() {
    Set<String> all = new HashSet<>(words(ELSEWHERE));
    for (SamplerKind kind : values()) {
      all.addAll(kind.keys);
    }
    return all;
  }

  /**
   * The sampler of this class or short name; case and underscores do not matter.
   *
   * @throws UserError that lists the known ones
   */
  public static SamplerKind named(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replace('_', '-');
    for (SamplerKind kind : values()) {
      if (kind.names.contains(plain) || kind.className.equalsIgnoreCase(name)) {
        return kind;
      }
    }
    throw new UserError(
        "no scheduler is called %s; known are %s, dpmpp2m-karras, and diffusers' classes %s"
            .formatted(
                Printable.quote(name),
                Arrays.stream(values())
                    .map(SamplerKind::shortName)
                    .collect(Collectors.joining(", ")),
                Arrays.stream(values())
                    .map(SamplerKind::className)
                    .collect(Collectors.joining(", "))));
  }
}
