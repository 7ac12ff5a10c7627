// One run of an eraser: the base model, the request, and the run's services.
package io.lethe.erase;

import io.lethe.backend.Backend;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.ProgressListener;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a method gets beside its settings.
 *
 * @param checkpoint where to keep the state for resuming; empty for not at all
 * @param resume whether to continue from that state when it is there
 * @param fingerprint gives what identifies all settings and the base, so that a state of another
 *     run is refused
 * @param cancelled asked between steps; when true the run saves its state and raises {@link
 *     Cancelled}
 */
public record ErasureRun(
    Backend backend,
    DiffusionModel base,
    ErasureRequest request,
    ProgressListener progress,
    Optional<Path> checkpoint,
    boolean resume,
    Supplier<String> fingerprint,
    BooleanSupplier cancelled) {

  /** Raised when the user interrupts; the state is saved. */
  public static final class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Cancelled(int step) {
      super("interrupted after step " + step);
    }

    /**
     * @param when such as {@code interrupted while judging}
     */
    public Cancelled(String when) {
      super(when);
    }
  }

  /** Height of the latents that training uses. */
  public int latentHeight() {
    return base.unet().config().sampleSize();
  }

  /** Whether the model is of the size that the papers' defaults are for. */
  public boolean isFullSize() {
    return latentHeight() >= 64;
  }
}
