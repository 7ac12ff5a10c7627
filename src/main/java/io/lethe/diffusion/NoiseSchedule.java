// How much noise each timestep stands for.
package io.lethe.diffusion;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.weights.ComponentConfig;

/**
 * The forward process {@code x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) e} with {@code abar_t =
 * product over j to t of (1 - beta_j)}, t from 0 (Ho, Jain, Abbeel: Denoising Diffusion
 * Probabilistic Models, 2020, formula 4).
 *
 * <p>The numbers are computed in float, as diffusers does with PyTorch, so that beta and abar are
 * the same bit for bit: near t = 0, where 1 - abar is small, a rounding is 1e-5 of it. They are
 * held as doubles, and what follows from them is computed in double. Immutable.
 */
public final class NoiseSchedule {
  private static final int MOST_STEPS = 100_000;
  private static final String[] KINDS = {"linear", "scaled_linear", "squaredcos_cap_v2"};
  private static final double LARGEST_COSINE_BETA = 0.999;

  /** What stands for abar = 0 where a sampler divides by it: half precision's smallest number. */
  private static final double TERMINAL_FLOOR = 0x1p-24;

  private final double[] betas;
  private final double[] alphasCumprod;
  private final PredictionType predictionType;

  private NoiseSchedule(double[] betas, double[] alphasCumprod, PredictionType predictionType) {
    this.betas = betas;
    this.alphasCumprod = alphasCumprod;
    this.predictionType = predictionType;
  }

  /**
   * From num_train_timesteps (1000), beta_schedule (linear; or scaled_linear, squaredcos_cap_v2),
   * beta_start (1e-4), beta_end (0.02), trained_betas, rescale_betas_zero_snr (false) and
   * prediction_type (epsilon).
   *
   * @throws UserError that names the option at fault
   */
  public static NoiseSchedule of(SchedulerConfig config) {
    float[] betas = betas(config);
    for (float beta : betas) {
      if (!(beta > 0 && beta < 1)) {
        throw new UserError(
            "the scheduler's configuration gives a beta of " + beta + "; it must be in (0, 1)");
      }
    }
    if (config.flag("rescale_betas_zero_snr", false)) {
      rescaleToZeroTerminalSnr(betas);
    }
    double[] exact = new double[betas.length];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = betas[i];
    }
    return new NoiseSchedule(exact, cumulativeProduct(betas), predictionType(config));
  }

  /** The schedule of a folder's scheduler. @throws UserError that names the option at fault */
  public static NoiseSchedule from(ComponentConfig config) {
    return of(SchedulerConfig.of(config));
  }

  private static PredictionType predictionType(SchedulerConfig config) {
    String name = config.choice("prediction_type", "epsilon", "epsilon", "v_prediction", "sample");
    return switch (name) {
      case "epsilon" -> PredictionType.EPSILON;
      case "v_prediction" -> PredictionType.V_PREDICTION;
      default -> PredictionType.SAMPLE;
    };
  }

  private static float[] betas(SchedulerConfig config) {
    int steps = config.integer("num_train_timesteps", 1000, 1, MOST_STEPS);
    double[] trained = config.numbers("trained_betas");
    if (trained != null && trained.length != steps) {
      throw new UserError(
          "the scheduler's configuration has %d trained_betas for %d timesteps"
              .formatted(trained.length, steps));
    }
    float[] betas = new float[steps];
    if (trained != null) {
      for (int i = 0; i < steps; i++) {
        betas[i] = (float) trained[i];
      }
      return betas;
    }
    double start = config.number("beta_start", 1e-4);
    double end = config.number("beta_end", 0.02);
    return switch (config.choice("beta_schedule", "linear", KINDS)) {
      case "linear" -> linspace(start, end, betas);
      case "scaled_linear" -> squared(linspace(Math.sqrt(start), Math.sqrt(end), betas));
      default -> cosine(betas);
    };
  }

  /** Equal steps, from both ends to the middle, with one rounding each, as PyTorch has them. */
  private static float[] linspace(double start, double end, float[] values) {
    float first = (float) start;
    float last = (float) end;
    int parts = values.length - 1;
    float step = (last - first) / parts;
    for (int i = 0; i <= parts; i++) {
      boolean lower = i < values.length / 2;
      values[i] = lower ? Math.fma(step, i, first) : Math.fma(-step, parts - i, last);
    }
    if (parts == 0) {
      values[0] = first;
    }
    return values;
  }

  private static float[] squared(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= values[i];
    }
    return values;
  }

  /** Nichol, Dhariwal: Improved Denoising Diffusion Probabilistic Models (2021), formula 17. */
  private static float[] cosine(float[] betas) {
    int steps = betas.length;
    for (int i = 0; i < steps; i++) {
      double ratio = cosineAlpha((i + 1.0) / steps) / cosineAlpha((double) i / steps);
      betas[i] = (float) Math.min(1 - ratio, LARGEST_COSINE_BETA);
    }
    return betas;
  }

  private static double cosineAlpha(double part) {
    double cosine = StrictMath.cos((part + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  /** abar: the product in double, each value of it rounded to float. */
  private static double[] cumulativeProduct(float[] betas) {
    double[] products = new double[betas.length];
    double product = 1;
    for (int i = 0; i < betas.length; i++) {
      product *= 1 - betas[i];
      products[i] = (float) product;
    }
    return products;
  }

  /**
   * Lin et al.: Common Diffusion Noise Schedules and Sample Steps are Flawed (2024), algorithm 1:
   * sqrt(abar) is shifted so that it ends at 0, and scaled so that it starts where it did.
   */
  private static void rescaleToZeroTerminalSnr(float[] betas) {
    double[] products = cumulativeProduct(betas);
    float first = (float) Math.sqrt(products[0]);
    float end = (float) Math.sqrt(products[products.length - 1]);
    float scale = first / (first - end);
    float before = 1;
    for (int i = 0; i < betas.length; i++) {
      float root = ((float) Math.sqrt(products[i]) - end) * scale;
      float product = root * root;
      betas[i] = 1 - product / before;
      before = product;
    }
  }

  /** How many timesteps the model was trained with; timesteps are 0 to this less one. */
  public int trainSteps() {
    return betas.length;
  }

  /** beta_t, one a timestep. */
  public double[] betas() {
    return betas.clone();
  }

  /** abar_t, one a timestep. */
  public double[] alphasCumprod() {
    return alphasCumprod.clone();
  }

  /** abar_t, the share of the signal's variance. @throws LetheException outside the timesteps */
  public double alphaCumprod(int timestep) {
    if (timestep < 0 || timestep >= alphasCumprod.length) {
      throw new LetheException(
          "timestep " + timestep + " is outside 0 to " + (alphasCumprod.length - 1));
    }
    return alphasCumprod[timestep];
  }

  /** What the model's output means. */
  public PredictionType predictionType() {
    return predictionType;
  }

  /** {@code sqrt((1 - abar_t) / abar_t)}, noise over signal; in float as well. */
  public double sigma(int timestep) {
    float alpha = (float) alphaCumprod(timestep);
    return (float) Math.sqrt((1 - alpha) / alpha);
  }

  /** {@code sqrt(abar_t) x_0 + sqrt(1 - abar_t) e}, as a new array. */
  public float[] addNoise(float[] clean, float[] noise, int timestep) {
    double alpha = alphaCumprod(timestep);
    return mix(clean, Math.sqrt(alpha), noise, Math.sqrt(1 - alpha));
  }

  /** The velocity {@code sqrt(abar_t) e - sqrt(1 - abar_t) x_0}, as a new array. */
  public float[] velocity(float[] clean, float[] noise, int timestep) {
    double alpha = alphaCumprod(timestep);
    return mix(noise, Math.sqrt(alpha), clean, -Math.sqrt(1 - alpha));
  }

  /** What the model should predict for {@link #addNoise}; may be one of the given arrays. */
  public float[] target(float[] clean, float[] noise, int timestep) {
    return switch (predictionType) {
      case EPSILON -> noise;
      case V_PREDICTION -> velocity(clean, noise, timestep);
      case SAMPLE -> clean;
    };
  }

  private static float[] mix(float[] a, double weightA, float[] b, double weightB) {
    if (a.length != b.length) {
      throw new LetheException("latent and noise differ in size: " + a.length + " and " + b.length);
    }
    float[] mixed = new float[a.length];
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = (float) (weightA * a[i] + weightB * b[i]);
    }
    return mixed;
  }

  /**
   * This schedule, with 2^-24 in place of an abar of 0 at its end, so that no sigma is infinite.
   */
  NoiseSchedule withFiniteSigmas() {
    int last = alphasCumprod.length - 1;
    if (alphasCumprod[last] > 0) {
      return this;
    }
    double[] floored = alphasCumprod.clone();
    floored[last] = TERMINAL_FLOOR;
    return new NoiseSchedule(betas, floored, predictionType);
  }
}
