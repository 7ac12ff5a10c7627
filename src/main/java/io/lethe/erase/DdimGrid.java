// The levels of noise that training latents stand on, and the deterministic step between them.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.diffusion.NoiseSchedule;
import io.lethe.diffusion.PredictionType;

/**
 * DDIM (Song et al. 2021) over a grid of {@code levels} timesteps {@code tau_k = k * (1000/levels)
 * + 1}: level {@code levels - 1} is the noisiest, 0 the cleanest. One step from level k to k - 1:
 *
 * <pre>
 * x0 = (x - sqrt(1 - A_k) e) / sqrt(A_k)        x = sqrt(A_{k-1}) x0 + sqrt(1 - A_{k-1}) e
 * </pre>
 *
 * with {@code A_k = alphasCumprod[tau_k]} and {@code A_{-1} = alphasCumprod[0]}.
 */
public final class DdimGrid {
  private final NoiseSchedule schedule;
  private final int levels;
  private final int stride;

  public DdimGrid(NoiseSchedule schedule, int levels) {
    if (levels < 1 || levels > schedule.trainSteps()) {
      throw new LetheException("a grid of " + levels + " levels");
    }
    this.schedule = schedule;
    this.levels = levels;
    this.stride = schedule.trainSteps() / levels;
  }

  public int levels() {
    return levels;
  }

  /** Timesteps between neighbouring levels. */
  public int stride() {
    return stride;
  }

  /** The timestep of a level. */
  public int timestep(int level) {
    return Math.min(level * stride + 1, schedule.trainSteps() - 1);
  }

  private double alpha(int level) {
    return level < 0 ? schedule.alphaCumprod(0) : schedule.alphaCumprod(timestep(level));
  }

  /**
   * Moves one latent from {@code level} to {@code level - 1}, in place.
   *
   * @param prediction the model's output for this latent, at {@code offset} like the latent
   */
  public void step(float[] latents, int offset, int size, float[] prediction, int level) {
    double alpha = alpha(level);
    double next = alpha(level - 1);
    boolean velocity = schedule.predictionType() == PredictionType.V_PREDICTION;
    float rootAlpha = (float) Math.sqrt(alpha);
    float rootNoise = (float) Math.sqrt(1 - alpha);
    float rootNext = (float) Math.sqrt(next);
    float rootNextNoise = (float) Math.sqrt(1 - next);
    for (int i = offset; i < offset + size; i++) {
      float x = latents[i];
      float p = prediction[i];
      float noise = velocity ? rootAlpha * p + rootNoise * x : p;
      float clean = velocity ? rootAlpha * x - rootNoise * p : (x - rootNoise * p) / rootAlpha;
      latents[i] = rootNext * clean + rootNextNoise * noise;
    }
  }

  public NoiseSchedule schedule() {
    return schedule;
  }
}
