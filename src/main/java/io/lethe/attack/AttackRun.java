// One run of an attack: the two models, the judge, and the run's services.
package io.lethe.attack;

import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.ProgressListener;
import io.lethe.evaluate.EvaluationPlan;
import io.lethe.evaluate.Judge;
import io.lethe.evaluate.PromptForms;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What an attack gets beside its settings.
 *
 * @param base the model before the edit: it draws what the concept looks like, and is the upper
 *     bound of every rate
 * @param model the edited model, which is attacked; the base itself measures the attack
 * @param judge has the concept among its labels
 * @param forms the sentences that success is counted under, as in an evaluation
 * @param pictures what the concept looks like; empty for the base model to draw it
 * @param cancelled asked between steps; when true the run raises {@link Cancelled}
 */
public record AttackRun(
    Backend backend,
    DiffusionModel base,
    DiffusionModel model,
    Judge judge,
    PromptForms forms,
    String concept,
    List<Picture> pictures,
    long seed,
    ProgressListener progress,
    BooleanSupplier cancelled) {
  /** Where the seeds of judged pictures start, as in an evaluation. */
  private static final long FIRST_SEED = 9000;

  /** Raised when the user interrupts. */
  public static final class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Cancelled() {
      super("interrupted");
    }
  }

  /**
   * @throws UserError if the concept is blank or too long, or the models do not fit together
   */
  public AttackRun {
    pictures = List.copyOf(pictures);
    if (concept.isBlank()) {
      throw new UserError("the concept is blank; it takes some words");
    }
    for (String template : forms.templates()) {
      if (base.tokenizer().encode(template.replace("{}", concept)).isCut()) {
        throw new UserError("the concept is longer than the model's context");
      }
    }
    requireAlike(base, model, concept);
  }

  /** What is learned for one text encoder and UNet means nothing to others. */
  private static void requireAlike(DiffusionModel base, DiffusionModel model, String concept) {
    same(base, model, "text encoder", base.textEncoder().config(), model.textEncoder().config());
    same(base, model, "UNet", base.unet().config(), model.unet().config());
    same(base, model, "autoencoder", base.vae().config(), model.vae().config());
    int[] ids = base.tokenizer().encode(concept).ids();
    if (!Arrays.equals(ids, model.tokenizer().encode(concept).ids())) {
      throw different(base, model, "tokenizer");
    }
  }

  private static void same(
      DiffusionModel base, DiffusionModel model, String part, Object one, Object other) {
    if (!one.equals(other)) {
      throw different(base, model, part);
    }
  }

  private static UserError different(DiffusionModel base, DiffusionModel model, String part) {
    return new UserError(
        "%s is no edit of %s: it has another %s; name with --base the model that was edited"
            .formatted(model.folder().path(), base.folder().path(), part));
  }

  /**
   * The pictures that success is counted over: those that an evaluation of this concept draws, with
   * the same prompts and seeds.
   *
   * @throws UserError if the judge does not know the concept
   */
  List<EvaluationPlan.Planned> planned(int count) {
    return new EvaluationPlan(
            List.of(concept), List.of(), Set.of(), forms, count, count, FIRST_SEED)
        .pictures(judge.labels());
  }

  /** The same progress, which ends the run when the user has interrupted it. */
  ProgressListener heeding() {
    return (stage, done, total) -> {
      requireGoing();
      progress.progress(stage, done, total);
    };
  }

  void requireGoing() {
    if (cancelled.getAsBoolean()) {
      throw new Cancelled();
    }
  }

  /** Side of the latents that the attack learns on. */
  int latentSide() {
    return model.unet().config().sampleSize();
  }
}
