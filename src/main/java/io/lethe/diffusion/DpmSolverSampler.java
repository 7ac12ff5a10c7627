// DPM-Solver++: an exponential multistep method on the clean sample.
package io.lethe.diffusion;

import io.lethe.UserError;
import java.util.Locale;

/**
 * Lu et al.: DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models
 * (2022), algorithm 2 (2M).
 *
 * <pre>
 *   sigma  = noise / signal,  s = 1 / sqrt(1 + sigma^2),  n = sigma s,  lambda = -ln sigma
 *   h      = lambda_next - lambda,  r = (lambda - lambda_before) / h
 *   D_0    = x_0,  D_1 = (x_0 - x_0 of the step before) / r
 *   order 1: x = n_next / n x - s_next (exp(-h) - 1) D_0
 *   order 2: midpoint  ... - s_next (exp(-h) - 1) D_1 / 2
 *            heun      ... + s_next ((exp(-h) - 1) / h + 1) D_1
 * </pre>
 *
 * <p>The first step has order 1, and so has the last where it ends in no noise, with
 * euler_at_final, or with lower_order_final and fewer than 15 steps.
 */
final class DpmSolverSampler implements Sampler {
  private static final int FEW_STEPS = 15;

  private final PredictionType predictionType;
  private final double[] timesteps;
  private final double[] sigmas;
  private final boolean secondOrder;
  private final boolean heun;
  private final boolean firstOrderAtEnd;
  private final History cleans = new History(2);

  /**
   * Defaults: linspace spacing, solver_order 2, solver_type midpoint, lower_order_final, down to no
   * noise.
   */
  DpmSolverSampler(SchedulerConfig config, int steps) {
    config.refuse("thresholding", "use_lu_lambdas", "use_flow_sigmas", "use_dynamic_shifting");
    // Both words stand for other solvers in files of other classes; diffusers reads them so.
    config.choice("algorithm_type", "dpmsolver++", "dpmsolver++", "deis");
    String type =
        config.choice("solver_type", "midpoint", "midpoint", "heun", "logrho", "bh1", "bh2");
    heun = type.equals("heun");
    secondOrder = config.integer("solver_order", 2, 1, 2) == 2;
    NoiseSchedule schedule = NoiseSchedule.of(config).withFiniteSigmas();
    predictionType = schedule.predictionType();
    SigmaSpacing levelSpacing = SigmaSpacing.of(config);
    double[] levels;
    if (levelSpacing == SigmaSpacing.TIMESTEPS) {
      timesteps = grid(config, schedule, steps);
      levels = SigmaSpacing.atTimesteps(schedule, timesteps);
    } else {
      checkSteps(schedule.trainSteps(), steps);
      int last = schedule.trainSteps() - 1;
      levels = levelSpacing.levels(schedule.sigma(last), schedule.sigma(0), steps);
      timesteps = SigmaSpacing.timestepsOf(schedule, levels);
      String betaSchedule =
          config.choice("beta_schedule", "linear", "linear", "scaled_linear", "squaredcos_cap_v2");
      boolean round =
          levelSpacing == SigmaSpacing.KARRAS && !betaSchedule.equals("squaredcos_cap_v2");
      for (int k = 0; k < steps; k++) {
        timesteps[k] = round ? Math.rint(timesteps[k]) : Math.floor(timesteps[k]);
      }
    }
    double lastSigma = SigmaGrid.lastSigma(config, schedule);
    sigmas = SigmaGrid.withLast(levels, lastSigma);
    firstOrderAtEnd =
        lastSigma == 0
            || config.flag("euler_at_final", false)
            || config.flag("lower_order_final", true) && timesteps.length < FEW_STEPS;
  }

  /**
   * The class's own grids: linspace and leading have a point more at the low end, which is left
   * out; and lambda_min_clipped takes away timesteps with more noise than that.
   */
  private static double[] grid(SchedulerConfig config, NoiseSchedule schedule, int steps) {
    int trainSteps = schedule.trainSteps();
    checkSteps(trainSteps, steps);
    double leastLambda = config.number("lambda_min_clipped", Double.NEGATIVE_INFINITY);
    int usable = trainSteps;
    while (usable > 0 && -Math.log(schedule.sigma(usable - 1)) < leastLambda) {
      usable--;
    }
    int offset = config.integer("steps_offset", 0, 0, trainSteps);
    TimestepSpacing spacing = TimestepSpacing.of(config, TimestepSpacing.LINSPACE);
    double ratio = (double) trainSteps / steps;
    // Of the trailing grid, whose stride does not shrink, what was clipped falls away.
    int points =
        spacing == TimestepSpacing.TRAILING
            ? (int) Math.min(steps, Math.ceil(usable / ratio))
            : steps;
    double[] grid = new double[points];
    for (int k = 0; k < points; k++) {
      grid[k] =
          switch (spacing) {
            case LINSPACE -> Math.rint(TimestepSpacing.linspace(usable - 1, steps + 1, steps - k));
            case LEADING -> (steps - k) * (usable / (steps + 1)) + offset;
            case TRAILING -> Math.rint(usable - k * ratio) - 1;
          };
    }
    if (usable < 1 || grid[0] > trainSteps - 1 || grid[points - 1] < 0) {
      throw new UserError(
          "%d sampling steps do not fit the timesteps 0 to %d with lambda_min_clipped %s"
                  .formatted(steps, usable - 1, String.format(Locale.ROOT, "%.3g", leastLambda))
              + " and steps_offset "
              + offset);
    }
    return grid;
  }

  private static void checkSteps(int trainSteps, int steps) {
    if (steps < 1 || steps > trainSteps) {
      throw new UserError(
          "%d sampling steps are not possible; this model has %d timesteps"
              .formatted(steps, trainSteps));
    }
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(timesteps, step, modelOutput, latent);
    double sigma = sigmas[step];
    double next = sigmas[step + 1];
    double signal = signal(sigma);
    double nextSignal = signal(next);
    LinearMix clean = LinearMix.clean(predictionType, signal, sigma * signal);
    float[] cleanSample = new float[latent.length];
    for (int i = 0; i < latent.length; i++) {
      cleanSample[i] =
          (float) (clean.fromLatent() * latent[i] + clean.fromOutput() * modelOutput[i]);
    }
    cleans.add(cleanSample);
    boolean last = step + 1 == timesteps.length;
    boolean second = secondOrder && step > 0 && cleans.size() == 2 && !(last && firstOrderAtEnd);
    cleans.countStep();

    double shrink = next / sigma - 1; // exp(-h) - 1, as lambda is -ln sigma
    double latentWeight = next * nextSignal / (sigma * signal);
    double cleanWeight = -nextSignal * shrink;
    double differenceWeight = 0;
    if (second) {
      double h = Math.log(sigma / next);
      double r = Math.log(sigmas[step - 1] / sigma) / h;
      differenceWeight = (heun ? nextSignal * (shrink / h + 1) : cleanWeight / 2) / r;
    }
    float[] before = second ? cleans.get(1) : cleanSample;
    for (int i = 0; i < latent.length; i++) {
      double x0 = cleanSample[i];
      double difference = differenceWeight * (x0 - before[i]);
      latent[i] = (float) (latentWeight * latent[i] + cleanWeight * x0 + difference);
    }
  }

  private static double signal(double sigma) {
    return 1 / Math.sqrt(1 + sigma * sigma);
  }

  @Override
  public double[] timesteps() {
    return timesteps.clone();
  }

  @Override
  public boolean hasHistory() {
    return true;
  }

  @Override
  public void reset() {
    cleans.clear();
  }

  @Override
  public SamplerState saveState() {
    return cleans.save();
  }

  @Override
  public void restoreState(SamplerState state) {
    cleans.restore(state);
  }
}
