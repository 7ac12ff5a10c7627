// One opened model, and what can be done with it: the beginning of every use of Lethe as a library.
package io.lethe.api;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.ClipJudge;
import io.lethe.tensor.Scope;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A model folder in the diffusers layout, opened to erase from it, draw with it, or compare an
 * edited copy with it.
 *
 * <pre>{@code
 * try (Lethe lethe = Lethe.open(Path.of("stable-diffusion-v1-4"))) {
 *   lethe.erase("Van Gogh").with(Esd.defaults()).save(Path.of("no-van-gogh"));
 * }
 * }</pre>
 *
 * The folder is never changed. Its weights are mapped, and threads wait for work, until {@link
 * #close}; a program that ends right after one chain of calls may leave that to its end. One thread
 * at a time may use an object of this class and those that it hands out.
 *
 * <p>What a user can mend is raised as {@link UserError}, whose message says what to do.
 */
public final class Lethe implements AutoCloseable {
  private final Arena arena;
  private final Cpu backend;
  private final DiffusionModel model;
  private final Map<List<String>, ClipJudge> judges = new HashMap<>();
  private Optional<Path> judgeFolder = Optional.empty();
  private ProgressListener progress = ProgressListener.silent();
  private final FutureTask<String> hash;

  @SuppressWarnings("MustBeClosed") // close() closes it
  private Lethe(Cpu backend, DiffusionModel model) {
    this.arena = Arena.ofShared();
    this.backend = backend;
    this.model = model;
    this.hash = new FutureTask<>(model.folder()::hash);
  }

  /**
   * Opens a model, to compute with all processors.
   *
   * @param model a folder in the diffusers layout
   * @return the opened model
   * @throws UserError naming the file, key or tensor at fault
   */
  public static Lethe open(Path model) {
    return open(model, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Opens a model.
   *
   * @param model a folder in the diffusers layout
   * @param threads to compute with; the results are the same bytes for any number
   * @return the opened model
   * @throws UserError naming the file, key or tensor at fault
   */
  public static Lethe open(Path model, int threads) {
    Cpu backend = new Cpu(threads);
    try {
      return new Lethe(backend, DiffusionModel.open(model, backend.computeType()));
    } catch (RuntimeException failure) {
      backend.close();
      throw failure;
    }
  }

  /**
   * Names the judge: whatever measures needs one.
   *
   * @param folder of a CLIP model; a {@code concepts.json} in it lists the names to rank among
   * @return this
   */
  public Lethe judgedBy(Path folder) {
    judges.clear();
    judgeFolder = Optional.of(folder);
    return this;
  }

  /**
   * Says how far long work is.
   *
   * @param listener called often, from the computing thread
   * @return this
   */
  public Lethe progress(ProgressListener listener) {
    progress = listener;
    return this;
  }

  /**
   * Begins an erasure.
   *
   * @param concepts names as they stand in prompts, at least one
   * @return what to erase, to be told how and where to
   */
  public Erasure erase(String... concepts) {
    return erase(List.of(concepts));
  }

  /**
   * Begins an erasure.
   *
   * @param concepts names as they stand in prompts, at least one
   * @return what to erase, to be told how and where to
   */
  public Erasure erase(List<String> concepts) {
    return new Erasure(this, concepts);
  }

  /**
   * Begins drawing.
   *
   * @param prompt what the pictures show
   * @return what to draw, to be told how
   */
  public Generation generate(String prompt) {
    return new Generation(this, prompt);
  }

  /**
   * Begins the comparison of an edited copy with this model, which needs a judge.
   *
   * @param edited the folder of the copy
   * @return what to compare, to be told how and where to
   */
  public ModelEvaluation evaluate(Path edited) {
    return new ModelEvaluation(this, edited);
  }

  /**
   * Begins an attack on an edited copy of this model, which needs a judge.
   *
   * @param edited the folder of the copy
   * @param concept what should be gone from it
   * @return the attack, to be told how and where to
   */
  public ModelAttack attack(Path edited, String concept) {
    return new ModelAttack(this, edited, concept);
  }

  /**
   * The model's parts, for those who go deeper.
   *
   * @return tokenizer, text encoder, UNet, autoencoder; they live until {@link #close}
   */
  public DiffusionModel model() {
    return model;
  }

  /**
   * What computes.
   *
   * @return the CPU backend of this session
   */
  public Backend backend() {
    return backend;
  }

  /**
   * What identifies the model; reads every byte of it when first asked.
   *
   * @return SHA-256 of its configurations and weights, 64 hexadecimal digits
   */
  public String hash() {
    hash.run(); // does nothing if it has run, or is running in another thread
    try {
      return hash.get();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new LetheException("the model could not be hashed", failure);
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new LetheException("interrupted while the model was hashed", interrupt);
    }
  }

  /** Begins to read the model for its {@link #hash}, beside what else goes on. */
  void hashBeside() {
    Thread.ofPlatform().name("lethe-hash").daemon().start(hash);
  }

  /**
   * The judge's folder.
   *
   * @return the folder, or nothing when none was named
   */
  public Optional<Path> judgeFolder() {
    return judgeFolder;
  }

  /**
   * The judge, opened at first use.
   *
   * @param labels names to rank among; none for those of its own {@code concepts.json}
   * @return the judge; it works until {@link #close}
   * @throws UserError if none was named, or the folder holds none
   */
  public ClipJudge judge(List<String> labels) {
    Path folder =
        judgeFolder.orElseThrow(() -> new UserError("no judge: name the folder of a CLIP model"));
    return judges.computeIfAbsent(
        List.copyOf(labels), names -> ClipJudge.open(folder, names, backend, arena));
  }

  /**
   * Who hears how far long work is.
   *
   * @return what {@link #progress(ProgressListener)} was given; else one that hears nothing
   */
  public ProgressListener progress() {
    return progress;
  }

  /**
   * The version of Lethe.
   *
   * @return such as {@code 0.1.0}
   */
  public static String version() {
    String version = Lethe.class.getPackage().getImplementationVersion();
    return version == null ? "of an unpacked build" : version;
  }

  /** Ends the use of the model: unmaps its weights, ends the threads, lets go of idle memory. */
  @Override
  public void close() {
    model.close();
    arena.close();
    backend.close();
    Scope.dropIdle();
  }
}
