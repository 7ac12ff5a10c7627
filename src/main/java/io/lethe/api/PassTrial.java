// How long one UNet pass takes on this machine, and what it holds.
package io.lethe.api;

import io.lethe.backend.Backend;
import io.lethe.diffusion.Denoiser;
import io.lethe.diffusion.DiffusionModel;
import java.util.Collections;
import java.util.List;

/**
 * A short trial, so that a command can say its cost before it starts.
 *
 * @param secondsPerPass of a single sample within a batch
 * @param bytesPerPass of compute memory, without gradients
 * @param batch samples of a pass in the trial
 * @param packedBytes of weights, in the backend's own form for a forward pass
 */
public record PassTrial(double secondsPerPass, long bytesPerPass, int batch, long packedBytes) {
  /** A forward for backward keeps about this many times the memory of one without. */
  private static final double KEPT_FOR_BACKWARD = 12;

  private static final int BATCH = 8;
  private static final int FULL_SIZE = 64;
  private static final long NANOS = 1_500_000_000L;

  /**
   * Tries a few passes of a model's own size.
   *
   * @param model whose UNet runs
   * @param backend that computes
   * @return what a pass takes
   */
  public static PassTrial of(DiffusionModel model, Backend backend) {
    int side = model.unet().config().sampleSize();
    int batch = side >= FULL_SIZE ? 1 : BATCH;
    try (Denoiser denoiser = new Denoiser(backend, model.unet(), side, side)) {
      float[] latents = new float[batch * denoiser.latentSize()];
      double[] timesteps = new double[batch];
      int contextSize =
          model.textEncoder().config().maxPositionEmbeddings()
              * model.textEncoder().config().hiddenSize();
      List<float[]> contexts = Collections.nCopies(batch, new float[contextSize]);
      double seconds = best(() -> denoiser.predict(latents, timesteps, contexts)) / batch;
      return new PassTrial(seconds, denoiser.peakBytes() / batch, batch, backend.packedBytes());
    }
  }

  /** About what a forward with backward of the trial's batch holds. */
  long trainingBytes() {
    return (long) (bytesPerPass * batch * KEPT_FOR_BACKWARD)
        + 2 * packedBytes; // for forward and for backward
  }

  /**
   * The quickest of several passes, in seconds. The first is not among them: it packs weights and
   * runs before the compiler has seen any kernel, tens of times slower than all others.
   */
  static double best(Runnable pass) {
    pass.run();
    long best = Long.MAX_VALUE;
    long start = System.nanoTime();
    do {
      long begin = System.nanoTime();
      pass.run();
      best = Math.min(best, System.nanoTime() - begin);
    } while (System.nanoTime() - start < NANOS);
    return best / 1e9;
  }
}
