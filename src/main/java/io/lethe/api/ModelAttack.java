// An attack to be: what should be gone, from which model, and how hard to look for it.
package io.lethe.api;

import io.lethe.UserError;
import io.lethe.attack.AttackFiles;
import io.lethe.attack.AttackRun;
import io.lethe.attack.InversionResult;
import io.lethe.attack.TextualInversion;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Picture;
import io.lethe.erase.ErasureRun;
import io.lethe.evaluate.PromptForms;
import io.lethe.report.PngFile;
import io.lethe.weights.StagedFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Begun by {@link Lethe#attack}: learns an embedding that makes the edited model draw the concept
 * again, from pictures by the base, and has the judge count how often that succeeds.
 */
public final class ModelAttack {
  /** The sheet that shows what came back. */
  private static final String SHEET = "attack.png";

  private static final int FULL_SIZE = 64;

  private final Lethe lethe;
  private final Path edited;
  private final String concept;
  private AttackSettings settings = AttackSettings.of(TextualInversion.Embedding.WORD);
  private List<Picture> pictures = List.of();
  private Optional<Path> labels = Optional.empty();
  private Optional<Path> forms = Optional.empty();
  private long seed;
  private BooleanSupplier cancelled = () -> false;

  ModelAttack(Lethe lethe, Path edited, String concept) {
    this.lethe = lethe;
    this.edited = edited;
    this.concept = concept;
  }

  /**
   * Sets how hard it tries.
   *
   * @param effort steps, restarts and what else
   * @return this
   */
  public ModelAttack with(AttackSettings effort) {
    settings = effort;
    return this;
  }

  /**
   * Brings pictures of the concept to learn from; else the base draws them.
   *
   * @param shown the pictures
   * @return this
   */
  public ModelAttack pictures(List<Picture> shown) {
    pictures = List.copyOf(shown);
    return this;
  }

  /**
   * Sets what the judge ranks among; else its own list.
   *
   * @param file one name a line
   * @return this
   */
  public ModelAttack labels(Path file) {
    labels = Optional.of(file);
    return this;
  }

  /**
   * Sets the sentences that pictures are asked for in; else those that suit the model.
   *
   * @param file one form a line, {@code {}} for the name
   * @return this
   */
  public ModelAttack forms(Path file) {
    forms = Optional.of(file);
    return this;
  }

  /**
   * Sets the seed of starts, noise and timesteps, 0 without it.
   *
   * @param start of every random stream
   * @return this
   */
  public ModelAttack seed(long start) {
    seed = start;
    return this;
  }

  /**
   * Lets somebody interrupt: {@link #save} then leaves nothing behind and raises {@link
   * ErasureRun.Cancelled}.
   *
   * @param when asked between steps
   * @return this
   */
  public ModelAttack cancelledBy(BooleanSupplier when) {
    cancelled = when;
    return this;
  }

  /**
   * Says what it will cost: runs the UNet for one or two seconds, and changes nothing.
   *
   * @return passes, time, memory
   * @throws UserError for what would also stop {@link #save}
   */
  public AttackCost estimate() {
    try (DiffusionModel model = DiffusionModel.open(edited, lethe.backend().computeType())) {
      PassTrial trial = PassTrial.of(model, lethe.backend());
      long passes = attack().estimatePasses(run(model));
      return new AttackCost(passes, passes * trial.secondsPerPass(), trial.trainingBytes());
    }
  }

  /**
   * Learns, judges, and writes attack.json, attack.png and embedding.safetensors.
   *
   * @param out a new folder, written beside and moved
   * @return what was found
   * @throws UserError if the concept is no label of the judge, or the folder exists
   * @throws ErasureRun.Cancelled if it was interrupted
   */
  public AttackOutcome save(Path out) {
    long start = System.nanoTime();
    try (StagedFolder staged = StagedFolder.create(out);
        DiffusionModel model = DiffusionModel.open(edited, lethe.backend().computeType())) {
      InversionResult result = attack().run(run(model));
      Map<String, Number> measured = new LinkedHashMap<>();
      measured.put("seconds", (System.nanoTime() - start) / 1e9);
      measured.put("compute_peak_bytes", result.peakBytes());
      ProcessMemory.peakResidentBytes()
          .ifPresent(peak -> measured.put("peak_resident_bytes", peak));
      AttackFiles files = new AttackFiles(result);
      files.write(staged.path(), measured);
      PngFile.write(
          staged.path().resolve(SHEET),
          AttackSheet.draw(result),
          Map.of("sampler", result.drawing(), "model", result.modelHash()));
      staged.commit();
      return new AttackOutcome(out, result, files.summary(measured));
    } catch (AttackRun.Cancelled interrupted) {
      ErasureRun.Cancelled ours = new ErasureRun.Cancelled("interrupted while attacking");
      ours.addSuppressed(interrupted);
      throw ours;
    }
  }

  private TextualInversion attack() {
    boolean fullSize = lethe.model().unet().config().sampleSize() >= FULL_SIZE;
    return new TextualInversion(settings.filled(fullSize, sentences()));
  }

  private AttackRun run(DiffusionModel model) {
    return new AttackRun(
        lethe.backend(),
        lethe.model(),
        model,
        lethe.judge(labels.map(PromptForms::lines).orElse(List.of())),
        sentences(),
        concept,
        pictures,
        seed,
        lethe.progress(),
        cancelled);
  }

  private PromptForms sentences() {
    return forms
        .map(PromptForms::read)
        .orElseGet(() ->
            PromptForms.suiting(
                lethe.model().folder().tokenizerFolder(),
                lethe
                    .judgeFolder()
                    .orElseThrow(
                        () -> new UserError("no judge: name the folder of a CLIP model"))));
  }
}
