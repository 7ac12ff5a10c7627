// Makes samplers from a folder's scheduler configuration.
package io.lethe.diffusion;

import io.lethe.weights.ComponentConfig;
import java.util.Locale;

/**
 * As diffusers' {@code from_pretrained} and {@code from_config}: the options that the file gives,
 * then the defaults of the class that is made, which may be another than the file's.
 */
public final class Samplers {
  private static final String KARRAS = "-karras";

  private Samplers() {}

  /**
   * The folder's own sampler.
   *
   * @param steps how many steps of the grid; PNDM evaluates the model more often
   * @throws io.lethe.UserError that names an unknown class, or an option that is not supported
   */
  public static Sampler create(SchedulerConfig config, int steps) {
    return create(config.kind(), config, steps);
  }

  /**
   * A sampler by diffusers' class name or a short one: ddim, ddpm, pndm, lms, euler, euler-a,
   * dpmpp2m; each may end in {@code -karras} where its class has Karras's noise levels.
   *
   * @throws io.lethe.UserError as {@link #create(SchedulerConfig, int)}
   */
  public static Sampler create(String name, SchedulerConfig config, int steps) {
    boolean karras = karrasKind(name) != null;
    return create(kind(name), karras ? config.with("use_karras_sigmas", true) : config, steps);
  }

  /**
   * A sampler for a Stable Diffusion folder, as diffusers' pipeline has it: as {@link
   * #create(String, SchedulerConfig, int)}, but with steps_offset 1 and clip_sample false where the
   * folder's file is of the time before these were needed. PNDM by its short name starts without
   * Runge-Kutta steps, as every Stable Diffusion folder has it, unless the folder says otherwise.
   *
   * @param config of the folder's scheduler
   * @throws io.lethe.UserError as the other forms
   */
  public static Sampler create(String name, ComponentConfig config, int steps) {
    SchedulerConfig options = SchedulerConfig.of(config).asInPipeline(kind(name));
    boolean shortPndm = kind(name) == SamplerKind.PNDM && !name.endsWith("Scheduler");
    if (shortPndm && !options.has("skip_prk_steps")) {
      options = options.with("skip_prk_steps", true);
    }
    return create(name, options, steps);
  }

  /** A sampler of this kind. @throws io.lethe.UserError for an option that is not supported */
  public static Sampler create(SamplerKind kind, SchedulerConfig config, int steps) {
    SchedulerConfig kept = config.keeping(kind.keys());
    return switch (kind) {
      case DDIM -> new DdimSampler(kept, steps);
      case DDPM -> new DdpmSampler(kept, steps);
      case PNDM -> new PndmSampler(kept, steps);
      case LMS -> new LmsSampler(kept, steps);
      case EULER -> new EulerSampler(kept, steps);
      case EULER_ANCESTRAL -> new EulerAncestralSampler(kept, steps);
      case DPM_SOLVER -> new DpmSolverSampler(kept, steps);
    };
  }

  private static SamplerKind kind(String name) {
    SamplerKind karras = karrasKind(name);
    return karras == null ? SamplerKind.named(name) : karras;
  }

  /** The kind of a name such as dpmpp2m-karras, or null for any other. */
  private static SamplerKind karrasKind(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replace('_', '-');
    if (!plain.endsWith(KARRAS)) {
      return null;
    }
    SamplerKind kind = SamplerKind.named(plain.substring(0, plain.length() - KARRAS.length()));
    return kind.keys().contains("use_karras_sigmas") ? kind : null;
  }
}
