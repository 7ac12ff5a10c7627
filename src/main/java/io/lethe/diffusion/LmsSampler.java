// LMS: a linear multistep method down the noise levels.
package io.lethe.diffusion;

/**
 * The Adams-Bashforth method on uneven steps (Hairer, Norsett, Wanner: Solving Ordinary
 * Differential Equations I, section III.5) of order 4, for latents {@code x = x_0 + sigma e}.
 *
 * <pre>
 *   d_j = (x - x_0) / sigma at the step j back, j = 0 .. order - 1
 *   x   = x + sum over j of d_j * integral from sigma to sigma_next of l_j
 *   l_j(s) = product over k not j of (s - sigma_k) / (sigma_j - sigma_k)        (Lagrange)
 * </pre>
 *
 * <p>The first steps have fewer derivatives and a lower order.
 */
final class LmsSampler implements Sampler {
  private static final int ORDER = 4;

  /** Gauss's two points; exact for the cubics that l_j at most are. */
  private static final double GAUSS = 1 / Math.sqrt(3);

  private final PredictionType predictionType;
  private final SigmaGrid grid;
  private final History derivatives = new History(ORDER);

  /** Defaults: linspace spacing, the timesteps' own levels, down to no noise. */
  LmsSampler(SchedulerConfig config, int steps) {
    NoiseSchedule schedule = NoiseSchedule.of(config);
    predictionType = schedule.predictionType();
    grid = SigmaGrid.of(config, schedule, steps);
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(grid.timesteps(), step, modelOutput, latent);
    LinearMix derivative = LinearMix.derivative(predictionType, grid.sigmas()[step]);
    float[] newest = new float[latent.length];
    for (int i = 0; i < latent.length; i++) {
      newest[i] =
          (float) (derivative.fromLatent() * latent[i] + derivative.fromOutput() * modelOutput[i]);
    }
    derivatives.add(newest);
    derivatives.countStep();
    int order = Math.min(derivatives.size(), step + 1);
    double[] weights = new double[order];
    for (int j = 0; j < order; j++) {
      weights[j] = weight(step, j, order);
    }
    for (int i = 0; i < latent.length; i++) {
      double sum = latent[i];
      for (int j = 0; j < order; j++) {
        sum += weights[j] * derivatives.get(j)[i];
      }
      latent[i] = (float) sum;
    }
  }

  /** The integral of l_j over this step. */
  private double weight(int step, int j, int order) {
    double[] sigmas = grid.sigmas();
    double half = (sigmas[step + 1] - sigmas[step]) / 2;
    double middle = (sigmas[step + 1] + sigmas[step]) / 2;
    double sum = 0;
    for (int side = -1; side <= 1; side += 2) {
      double at = middle + side * GAUSS * half;
      double product = 1;
      for (int k = 0; k < order; k++) {
        if (k != j) {
          product *= (at - sigmas[step - k]) / (sigmas[step - j] - sigmas[step - k]);
        }
      }
      sum += product;
    }
    return sum * half;
  }

  @Override
  public double[] timesteps() {
    return grid.timesteps().clone();
  }

  @Override
  public double initialNoiseSigma() {
    return grid.initialNoise();
  }

  @Override
  public float[] scaleInput(float[] latent, int step) {
    return grid.scaled(latent, step);
  }

  @Override
  public boolean hasHistory() {
    return true;
  }

  @Override
  public void reset() {
    derivatives.clear();
  }

  @Override
  public SamplerState saveState() {
    return derivatives.save();
  }

  @Override
  public void restoreState(SamplerState state) {
    derivatives.restore(state);
  }
}
