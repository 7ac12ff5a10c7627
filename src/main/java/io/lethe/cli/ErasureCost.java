// What an erasure will cost, measured on a few passes and said before it starts.
package io.lethe.cli;

import io.lethe.diffusion.Denoiser;
import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRun;
import io.lethe.tensor.DType;
import io.lethe.weights.ModelFolder;
import io.lethe.weights.ModelFolderWriter;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Passes are counted by the method; the time of one is measured here.
 *
 * @param passes single-sample UNet passes; a forward with backward counts as three
 * @param seconds at the speed of a short trial
 * @param memoryBytes about what training holds at its peak
 * @param diskBytes of the output folder
 */
record ErasureCost(long passes, double seconds, long memoryBytes, long diskBytes) {
  private static final int TRIAL_BATCH = 8;
  private static final long TRIAL_NANOS = 1_500_000_000L;

  /** A forward for backward keeps about this many times the memory of one without. */
  private static final double KEPT_FOR_BACKWARD = 12;

  static ErasureCost estimate(ErasureRun run, ErasureMethod method, Optional<DType> dtype) {
    ModelFolder folder = run.base().folder();
    long disk =
        ModelFolderWriter.bytesNeeded(
            folder, Set.of(method.name().equals("few-shot") ? "text_encoder" : "unet"), dtype);
    long passes = method.estimatePasses(run);
    if (passes == 0) {
      return new ErasureCost(0, 0, disk, disk);
    }
    int batch = run.isFullSize() ? 1 : TRIAL_BATCH;
    int side = run.latentHeight();
    double secondsPerPass;
    long peak;
    try (Denoiser denoiser = new Denoiser(run.backend(), run.base().unet(), side, side)) {
      float[] latents = new float[batch * denoiser.latentSize()];
      double[] timesteps = new double[batch];
      int contextSize =
          run.base().textEncoder().config().maxPositionEmbeddings()
              * run.base().textEncoder().config().hiddenSize();
      List<float[]> contexts = Collections.nCopies(batch, new float[contextSize]);
      secondsPerPass = best(denoiser, latents, timesteps, contexts) / batch;
      peak = denoiser.peakBytes() / batch;
    }
    long memory = (long) (peak * batch * KEPT_FOR_BACKWARD) + disk;
    return new ErasureCost(passes, passes * secondsPerPass, memory, disk);
  }

  /**
   * The quickest of several trials: the first ones pack weights, and run before the compiler is
   * done.
   */
  private static double best(
      Denoiser denoiser, float[] latents, double[] timesteps, List<float[]> contexts) {
    long best = Long.MAX_VALUE;
    long start = System.nanoTime();
    do {
      long begin = System.nanoTime();
      denoiser.predict(latents, timesteps, contexts);
      best = Math.min(best, System.nanoTime() - begin);
    } while (System.nanoTime() - start < TRIAL_NANOS);
    return best / 1e9;
  }

  /** One line for people. */
  String describe() {
    if (passes == 0) {
      return "closed form, no UNet passes, " + Amounts.bytes(diskBytes) + " on disk";
    }
    return "%s UNet passes, about %s on this machine, about %s of memory, %s on disk"
        .formatted(
            Amounts.count(passes),
            Amounts.duration(seconds),
            Amounts.bytes(memoryBytes),
            Amounts.bytes(diskBytes));
  }
}
