// The bundled model and the runs that the erasers' tests make of it.
package io.lethe.erase;

import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.ProgressListener;
import io.lethe.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Model and backend, opened once for a class of tests. */
final class EmojiModel implements AutoCloseable {
  static final Path FOLDER = Path.of("src/main/models/emoji-sd");
  static final List<String> WORDS = List.of("tiger face", "bear", "zebra", "pizza", "castle");

  final DiffusionModel model;
  final Cpu backend;

  EmojiModel(int threads) {
    model = DiffusionModel.open(FOLDER, DType.F32);
    backend = new Cpu(threads);
  }

  static ErasureRequest request(long seed, String... concepts) {
    return new ErasureRequest(List.of(concepts), List.of(), List.of(), new Vocabulary(WORDS), seed);
  }

  ErasureRun run(ErasureRequest request) {
    return run(request, null, false, () -> false);
  }

  /**
   * @param checkpoint null for none
   */
  ErasureRun run(
      ErasureRequest request, Path checkpoint, boolean resume, BooleanSupplier cancelled) {
    return new ErasureRun(
        backend,
        model,
        request,
        ProgressListener.silent(),
        Optional.ofNullable(checkpoint),
        resume,
        () -> "settings of the test",
        cancelled);
  }

  /** A few steps of two latents on a grid of {@code levels}. */
  static TrainingSettings settings(
      int steps, int levels, Weighting weighting, boolean reservoir, boolean legacy) {
    return new TrainingSettings(
        Selector.X,
        steps,
        0,
        2,
        1e-3,
        LearningRate.COSINE,
        weighting,
        1,
        3,
        levels,
        reservoir,
        2,
        1,
        false,
        legacy);
  }

  @Override
  public void close() {
    model.close();
    backend.close();
  }
}
