// A quantity that is a weighted sum of the latent and the model's output.
package io.lethe.diffusion;

/**
 * {@code latent * fromLatent + output * fromOutput}: clean sample, noise and the derivative of the
 * flow are all of this form, whatever the model predicts.
 */
record LinearMix(double fromLatent, double fromOutput) {

  /** The clean sample x_0 from {@code x = signal x_0 + noise e}. */
  static LinearMix clean(PredictionType type, double signal, double noise) {
    return switch (type) {
      case EPSILON -> new LinearMix(1 / signal, -noise / signal); // (x - n e) / s
      case V_PREDICTION -> new LinearMix(signal, -noise); // s x - n v, as s^2 + n^2 = 1
      case SAMPLE -> new LinearMix(0, 1);
    };
  }

  /** The noise e from {@code x = signal x_0 + noise e}. */
  static LinearMix noise(PredictionType type, double signal, double noise) {
    return switch (type) {
      case EPSILON -> new LinearMix(0, 1);
      case V_PREDICTION -> new LinearMix(noise, signal); // n x + s v
      case SAMPLE -> new LinearMix(1 / noise, -signal / noise); // (x - s x_0) / n
    };
  }

  /**
   * The derivative {@code dx/dsigma = (x - x_0) / sigma} where the latent is {@code x = x_0 + sigma
   * e}, which is the other latent divided by its signal.
   */
  static LinearMix derivative(PredictionType type, double sigma) {
    double scale = sigma * sigma + 1; // 1 / s^2
    return switch (type) {
      case EPSILON -> new LinearMix(0, 1);
      case V_PREDICTION -> new LinearMix(sigma / scale, 1 / Math.sqrt(scale));
      case SAMPLE -> new LinearMix(1 / sigma, -1 / sigma);
    };
  }
}
