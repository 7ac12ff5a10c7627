// PNDM: pseudo multistep, after pseudo Runge-Kutta steps or a plain start.
package io.lethe.diffusion;

import io.lethe.UserError;
import java.util.Map;
import java.util.TreeMap;

/**
 * Liu et al.: Pseudo Numerical Methods for Diffusion Models on Manifolds (2022).
 *
 * <pre>
 *   transfer from t to s, formula 11, with a = abar_t and b = abar_s:
 *     x_s = sqrt(b/a) x_t - (b - a) e / (a sqrt(1 - b) + sqrt(a (1 - a) b))
 *   pseudo linear multistep, formula 12, e_j from j evaluations back:
 *     e = (55 e_0 - 59 e_1 + 37 e_2 - 9 e_3) / 24
 *   pseudo Runge-Kutta, formula 13, evaluations at t, twice half-way, at s:
 *     e = (e_0 + 2 e_1 + 2 e_2 + e_3) / 6
 * </pre>
 *
 * <p>Three Runge-Kutta steps come first, four evaluations each; with skip_prk_steps the start is
 * instead Heun's method and then the multistep formulas of order 2 and 3, which is what Stable
 * Diffusion uses and the reason why its second timestep is visited twice.
 */
final class PndmSampler implements Sampler {
  private static final int RUNGE_KUTTA_STEPS = 3;
  private static final int EVALUATIONS = 4;
  private static final int ORDER = 4;
  private static final String HELD = "held";
  private static final String SUM = "sum";

  private final NoiseSchedule schedule;
  private final double[] timesteps;
  private final int rungeKutta; // how many of the evaluations belong to Runge-Kutta steps
  private final int stride;
  private final double finalAlpha;
  private final History outputs = new History(ORDER);
  private float[] held; // the latent from which several evaluations start
  private float[] sum; // of a Runge-Kutta step's weighted outputs

  /** Defaults: leading spacing, Runge-Kutta steps, abar_0 in place of 1 at the end. */
  PndmSampler(SchedulerConfig config, int steps) {
    config.choice("prediction_type", "epsilon", "epsilon", "v_prediction");
    schedule = NoiseSchedule.of(config);
    double[] grid =
        TimestepSpacing.of(config, TimestepSpacing.LEADING)
            .whole(config, schedule.trainSteps(), steps);
    boolean skip = config.flag("skip_prk_steps", false);
    if (!skip && steps < EVALUATIONS) {
      throw new UserError(
          "PNDM with Runge-Kutta steps (skip_prk_steps false) takes at least %d steps, not %d"
              .formatted(EVALUATIONS, steps));
    }
    stride = schedule.trainSteps() / steps;
    timesteps = skip ? withSecondTwice(grid) : withRungeKutta(grid, stride / 2);
    rungeKutta = skip ? 0 : RUNGE_KUTTA_STEPS * EVALUATIONS;
    finalAlpha = config.flag("set_alpha_to_one", false) ? 1 : schedule.alphaCumprod(0);
  }

  private static double[] withSecondTwice(double[] grid) {
    if (grid.length == 1) {
      return grid;
    }
    double[] visited = new double[grid.length + 1];
    System.arraycopy(grid, 0, visited, 0, 2);
    System.arraycopy(grid, 1, visited, 2, grid.length - 1);
    return visited;
  }

  /** For each of the first three intervals: its start, twice its middle, its end; then the rest. */
  private static double[] withRungeKutta(double[] grid, int half) {
    int extra = RUNGE_KUTTA_STEPS * EVALUATIONS;
    double[] visited = new double[extra + grid.length - RUNGE_KUTTA_STEPS];
    for (int k = 0; k < RUNGE_KUTTA_STEPS; k++) {
      visited[EVALUATIONS * k] = grid[k];
      visited[EVALUATIONS * k + 1] = grid[k + 1] + half;
      visited[EVALUATIONS * k + 2] = grid[k + 1] + half;
      visited[EVALUATIONS * k + 3] = grid[k + 1];
    }
    System.arraycopy(grid, RUNGE_KUTTA_STEPS, visited, extra, grid.length - RUNGE_KUTTA_STEPS);
    return visited;
  }

  @Override
  public void step(float[] modelOutput, int step, float[] latent, NoiseSource noise) {
    StepCheck.arguments(timesteps, step, modelOutput, latent);
    int taken = outputs.taken();
    if (taken < rungeKutta) {
      rungeKuttaStep(modelOutput, step, latent, taken % EVALUATIONS);
    } else if (taken == 1 && rungeKutta == 0) {
      secondVisit(modelOutput, step, latent);
    } else {
      multistep(modelOutput, step, latent);
    }
    outputs.countStep();
  }

  private void rungeKuttaStep(float[] output, int step, float[] latent, int stage) {
    int timestep = (int) timesteps[step];
    if (stage == 0) {
      outputs.add(output);
      held = latent.clone();
      sum = new float[latent.length];
    }
    double weight = stage == 0 || stage == EVALUATIONS - 1 ? 1 / 6.0 : 1 / 3.0;
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (float) (sum[i] + weight * output[i]);
    }
    // From the interval's start: to its middle twice, to its end, and there with the whole sum.
    int from = (int) timesteps[step - stage];
    int to = stage % 2 == 0 ? timestep - stride / 2 : timestep;
    transfer(held, from, to, stage == EVALUATIONS - 1 ? sum : output, latent);
  }

  /** The second timestep's output corrects the first step: both have half the weight (Heun). */
  private void secondVisit(float[] output, int step, float[] latent) {
    float[] mean = new float[latent.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (output[i] + outputs.get(0)[i]) / 2;
    }
    int timestep = (int) timesteps[step];
    transfer(held, timestep + stride, timestep, mean, latent);
    held = null;
  }

  private void multistep(float[] output, int step, float[] latent) {
    if (outputs.size() == 0) {
      held = latent.clone();
    }
    outputs.add(output);
    float[] combined =
        switch (outputs.size()) {
          case 1 -> output;
          case 2 -> combine(3 / 2.0, -1 / 2.0);
          case 3 -> combine(23 / 12.0, -16 / 12.0, 5 / 12.0);
          default -> combine(55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0);
        };
    int timestep = (int) timesteps[step];
    transfer(latent, timestep, timestep - stride, combined, latent);
  }

  private float[] combine(double... weights) {
    float[] combined = new float[outputs.get(0).length];
    for (int i = 0; i < combined.length; i++) {
      double total = 0;
      for (int j = 0; j < weights.length; j++) {
        total += weights[j] * outputs.get(j)[i];
      }
      combined[i] = (float) total;
    }
    return combined;
  }

  private void transfer(float[] start, int from, int to, float[] output, float[] latent) {
    double a = schedule.alphaCumprod(from);
    double b = to >= 0 ? schedule.alphaCumprod(to) : finalAlpha;
    LinearMix noise = LinearMix.noise(schedule.predictionType(), Math.sqrt(a), Math.sqrt(1 - a));
    double keep = Math.sqrt(b / a);
    double move = (b - a) / (a * Math.sqrt(1 - b) + Math.sqrt(a * (1 - a) * b));
    for (int i = 0; i < latent.length; i++) {
      double e = noise.fromLatent() * start[i] + noise.fromOutput() * output[i];
      latent[i] = (float) (keep * start[i] - move * e);
    }
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
    outputs.clear();
    held = null;
    sum = null;
  }

  @Override
  public SamplerState saveState() {
    Map<String, float[]> arrays = new TreeMap<>(outputs.save().arrays());
    if (held != null) {
      arrays.put(HELD, held.clone());
    }
    if (sum != null) {
      arrays.put(SUM, sum.clone());
    }
    return new SamplerState(outputs.taken(), arrays);
  }

  @Override
  public void restoreState(SamplerState state) {
    outputs.restore(state);
    held = copy(state, HELD);
    sum = copy(state, SUM);
  }

  private static float[] copy(SamplerState state, String name) {
    float[] array = state.arrays().get(name);
    return array == null ? null : array.clone();
  }
}
