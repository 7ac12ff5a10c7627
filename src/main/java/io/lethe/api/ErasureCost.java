// What an erasure will cost, measured on a few passes and said before it starts.
package io.lethe.api;

import io.lethe.erase.ErasureMethod;
import io.lethe.erase.ErasureRun;
import io.lethe.report.Amounts;
import io.lethe.tensor.DType;
import io.lethe.weights.ModelFolderWriter;
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
public record ErasureCost(long passes, double seconds, long memoryBytes, long diskBytes) {
  static ErasureCost estimate(ErasureRun run, ErasureMethod method, Optional<DType> dtype) {
    long disk = diskBytes(run, method, dtype);
    long passes = method.estimatePasses(run);
    if (passes == 0) {
      return new ErasureCost(0, 0, disk, disk); // closed forms run no UNet
    }
    run.progress().progress("timing a pass of the UNet", 0, 0);
    PassTrial trial = PassTrial.of(run.base(), run.backend());
    long memory = trial.trainingBytes() + disk; // about what the model's mapped files take
    return new ErasureCost(passes, passes * trial.secondsPerPass(), memory, disk);
  }

  /** What the output folder takes. */
  static long diskBytes(ErasureRun run, ErasureMethod method, Optional<DType> dtype) {
    String edited = method.name().equals("few-shot") ? "text_encoder" : "unet";
    return ModelFolderWriter.bytesNeeded(run.base().folder(), Set.of(edited), dtype);
  }

  /**
   * One line for people.
   *
   * @return such as {@code 7,702 UNet passes, about 48 s on this machine ...}; closed forms have no
   *     passes to count
   */
  public String describe() {
    if (passes == 0) {
      return "a closed form without a pass of the UNet: seconds, most of them for the folder's %s on disk; about %s of memory beside Java's own"
          .formatted(Amounts.bytes(diskBytes), Amounts.bytes(memoryBytes));
    }
    return "%s UNet passes, about %s on this machine, about %s of memory beside Java's own, %s on disk"
        .formatted(
            Amounts.count(passes),
            Amounts.duration(seconds),
            Amounts.bytes(memoryBytes),
            Amounts.bytes(diskBytes));
  }
}
