// What the model's output means.
package io.lethe.diffusion;

/**
 * The three things that a denoiser may predict, for {@code x_t = s x_0 + n e} with signal {@code s
 * = sqrt(abar_t)} and noise {@code n = sqrt(1 - abar_t)}.
 */
public enum PredictionType {
  /** The noise e (Ho, Jain, Abbeel: Denoising Diffusion Probabilistic Models, 2020). */
  EPSILON("epsilon"),
  /** The velocity {@code s e - n x_0} (Salimans, Ho: Progressive Distillation, 2022). */
  V_PREDICTION("v_prediction"),
  /** The clean sample x_0. */
  SAMPLE("sample");

  private final String configName;

  PredictionType(String configName) {
    this.configName = configName;
  }

  /** Its name in scheduler_config.json. */
  public String configName() {
    return configName;
  }
}
