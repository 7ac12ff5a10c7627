// EAP: erase a concept while protecting, at every step, the word that erasing hurts most.
package io.lethe.erase;

import io.lethe.diffusion.RandomStreams;
import io.lethe.evaluate.PromptForms;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Erasing Undesirable Concepts in Diffusion Models with Adversarial Preservation (Bui et al.,
 * NeurIPS 2024).
 *
 * <pre>
 * repeat:
 *   c  = a concept; a ~ Gumbel-softmax(pi_c) over its candidate words
 *   z  = a latent under c, z_a = a latent under a, both denoised by the student
 *   target = (1 + eta) e(z, t, "") - eta e(z, t, c)                                     of the frozen model
 *   weights: step on  w_t ||e'(z, t, c) - target||^2 + lambda w_t ||e'(z_a, t, a) - e(z_a, t, a)||^2
 *   search:  step pi_c on minus the second term, through the straight-through estimate
 * </pre>
 *
 * Published: one adversary a step, lambda 1, w_t = (1 - A_t)/A_t, a search step after every weight
 * step. The word equal to the concept is excluded here; {@code legacySelfPreserve} lets it in, as
 * the published code does.
 */
public final class Eap implements ErasureMethod {
  /**
   * Settings.
   *
   * @param keepBatch adversarial words in each step
   * @param keepEmpty how many samples of the empty prompt are preserved beside them: every guided
   *     picture rests on it
   * @param keepAdvance how many of their latents the second pool moves on after each update
   * @param keepWeight lambda
   * @param tau temperature of the Gumbel-softmax
   * @param searchRate Adam's learning rate on the logits
   * @param searchBatch words in a search step
   * @param searchEvery weight steps to one search step
   * @param nearest how many nearest words of the vocabulary are candidates
   * @param centers how many of these remain, as shells of equal distance; 0 for all
   * @param keepTrajectories whole trajectories that fill the second pool, under random candidates
   * @param keepStride levels between the snapshots of such a trajectory
   * @param forms in which the concept is trained; the paper trains the bare word
   * @param keepForms in which the words are protected
   * @param usualText keys and values are trained in coordinates in which this text is white ({@link
   *     io.lethe.nn.optim.WhitenedAdam}); none for plain Adam, as published
   * @param strength of the trained change that is taken in the end
   * @param legacySelfPreserve words that share a word with the concept stay in the vocabulary
   */
  public record Settings(
      TrainingSettings training,
      int keepBatch,
      int keepEmpty,
      int keepAdvance,
      double keepWeight,
      double tau,
      double searchRate,
      int searchBatch,
      int searchEvery,
      int nearest,
      int centers,
      int keepTrajectories,
      int keepStride,
      PromptForms forms,
      PromptForms keepForms,
      UsualText.Settings usualText,
      StrengthSearch.Settings strength,
      boolean legacySelfPreserve) {}

  private final Settings settings;

  public Eap(Settings settings) {
    this.settings = settings;
  }

  /** The paper's defaults for models of its size, and sound ones for small models. */
  public static MethodChoice defaults() {
    return MethodChoice.named("eap");
  }

  @Override
  public String name() {
    return "eap";
  }

  @Override
  public String paper() {
    return "Bui et al., Erasing Undesirable Concepts in Diffusion Models with Adversarial"
        + " Preservation, NeurIPS 2024";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("settings", settings.toString());
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    TrainingSettings training = settings.training();
    int concepts = run.request().concepts().size();
    int keepSamples = settings.keepBatch() + settings.keepEmpty();
    long keep =
        PassEstimate.fill(training, settings.keepTrajectories())
            + (long) training.steps()
                * (keepSamples * (1L + PassEstimate.BACKWARD)
                    + PassEstimate.latents(training, keepSamples, settings.keepAdvance()));
    long searches = settings.searchEvery() == 0 ? 0 : training.steps() / settings.searchEvery();
    long search =
        searches
            * (settings.searchBatch() * (1L + PassEstimate.BACKWARD)
                + PassEstimate.latents(training, settings.searchBatch(), 0));
    return PassEstimate.ofConcepts(training, concepts)
        + keep
        + search
        + new StrengthSearch(settings.strength()).estimatePasses(concepts);
  }

  private List<List<String>> usualPrompts(ErasureRun run) {
    if (settings.usualText().ridge() == 0) {
      return List.of();
    }
    return UsualText.samples(
        settings.usualText(),
        vocabulary(run.request()),
        run.request().concepts(),
        settings.keepForms(),
        run.base().tokenizer(),
        new RandomStreams(run.request().seed()));
  }

  private Vocabulary vocabulary(ErasureRequest request) {
    return settings.legacySelfPreserve()
        ? request.vocabulary()
        : request.vocabulary().without(request.concepts());
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    try (UnetStudent student =
        new UnetStudent(
            run, settings.training(), usualPrompts(run), settings.usualText().ridge())) {
      return new Erasure(run, student).run();
    }
  }

  /** One run: the state between steps, and the two kinds of step. */
  private final class Erasure implements TrainingLoop.State {
    private final UnetStudent student;
    private final ErasedConcepts concepts;
    private final Adversaries adversaries;
    private final LatentSource erased;
    private final LatentSource kept;
    private final ErasureProgress progress;

    Erasure(ErasureRun run, UnetStudent student) {
      this.student = student;
      this.concepts = new ErasedConcepts(run.request(), settings.forms(), student);
      this.progress =
          new ErasureProgress(
              1 + settings.training().negativeGuidance(), settings.training().until());
      this.adversaries = new Adversaries(settings, run, vocabulary(run.request()), student);
      this.erased = concepts.latents(settings.training().trajectories());
      this.kept = adversaries.latents();
    }

    ErasedModel run() {
      student
          .loop()
          .run(
              "erasing",
              step -> {
                int concept = concepts.choose();
                weightStep(concept, step);
                if (settings.searchEvery() > 0 && (step + 1) % settings.searchEvery() == 0) {
                  searchStep(concept, step);
                }
                return !progress.isReached();
              },
              this);
      String strength = student.scale(new StrengthSearch(settings.strength()));
      return new ErasedModel(
          Map.of("unet", student.loop().weights()),
          student.loop().losses(),
          adversaries.history(),
          adversaries.weights(),
          student.passes(),
          student.loop().fillPasses(),
          student.peakBytes(),
          List.of(strength));
    }

    private void weightStep(int concept, int step) {
      int n = settings.training().batch();
      LatentBatch z = erased.take(concepts.repeat(concept, n), student.sampling());
      List<float[]> prompts = concepts.prompts(concept, n);
      List<float[]> empty = Collections.nCopies(n, student.contexts().get(""));
      float[] target = student.targets(z, empty, prompts, empty);

      List<AdversarialSearch.Draw> draws = adversaries.draw(concept, settings.keepBatch());
      adversaries.remember(concept, draws);
      List<float[]> keepPrompts = adversaries.contexts(concept, draws, adversaries::form);
      keepPrompts.addAll(Collections.nCopies(settings.keepEmpty(), student.contexts().get("")));
      LatentBatch za =
          kept.take(
              adversaries.latentsOf(concept, draws, settings.keepEmpty()), student.sampling());
      float[] keepTarget = student.frozen().predict(za.latents(), za.timesteps(), keepPrompts);

      // L = mean_i w_i ||e'(z_i) - target_i||^2 + lambda mean_j w_j ||e'(za_j) - e(za_j)||^2, in
      // one batch of n + m samples
      int m = za.size();
      double[] weights = new double[n + m];
      for (int i = 0; i < n; i++) {
        weights[i] = student.weight(z.timesteps()[i]) * (n + m) / n;
      }
      for (int j = 0; j < m; j++) {
        weights[n + j] = settings.keepWeight() * student.weight(za.timesteps()[j]) * (n + m) / m;
      }
      prompts.addAll(keepPrompts);
      double[] errors =
          student.descend(
              joined(z.latents(), za.latents()),
              joined(z.timesteps(), za.timesteps()),
              prompts,
              joined(target, keepTarget),
              weights,
              step);
      double error = Esd.mean(Arrays.copyOfRange(errors, 0, n));
      progress.add(error, student.conceptGap());
      student.loop().log("erase", error);
      student.loop().log("progress", progress.value());
      student.loop().log("keep", Esd.mean(Arrays.copyOfRange(errors, n, n + m)));
      erased.advance(z, settings.training().advance(), student.sampling());
      kept.advance(za, settings.keepAdvance(), student.sampling());
    }

    private void searchStep(int concept, int step) {
      List<AdversarialSearch.Draw> draws = adversaries.draw(concept, settings.searchBatch());
      LatentBatch za = kept.take(adversaries.latentsOf(concept, draws, 0), student.sampling());
      int form = adversaries.form();
      List<float[]> prompts = adversaries.contexts(concept, draws, () -> form);
      double[] weights = new double[za.size()];
      for (int j = 0; j < weights.length; j++) {
        weights[j] = -student.weight(za.timesteps()[j]); // ascent
      }
      // The frozen prediction is a constant: only the student is differentiated, as published.
      float[] keepTarget = student.frozen().predict(za.latents(), za.timesteps(), prompts);
      adversaries.step(
          concept, draws, form, student.contextGradients(za, prompts, keepTarget, weights, step));
    }

    @Override
    public void save(TrainingState state) {
      erased.save("latents", state);
      kept.save("keep", state);
      progress.save(state);
      adversaries.save(state);
    }

    @Override
    public void load(TrainingState state) {
      erased.load("latents", state);
      kept.load("keep", state);
      progress.load(state);
      adversaries.load(state);
    }
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static double[] joined(double[] first, double[] second) {
    double[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
