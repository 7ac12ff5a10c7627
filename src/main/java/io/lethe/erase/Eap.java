// EAP: erase a concept while protecting, at every step, the word that erasing hurts most.
package io.lethe.erase;

import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TorchRandom;
import io.lethe.evaluate.PromptForms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
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

  /** The candidates of one concept, as indices into the words of the second pool. */
  private record Candidates(int[] words, AdversarialSearch search) {}

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
    private final ErasureRun run;
    private final UnetStudent student;
    private final ErasedConcepts concepts;
    private final List<String> words = new ArrayList<>();
    private final List<Candidates> candidates = new ArrayList<>();
    private final LatentSource erased;
    private final LatentSource kept;
    private final boolean matched;
    private final ErasureProgress progress;
    private final Map<String, List<String>> history = new LinkedHashMap<>();

    Erasure(ErasureRun run, UnetStudent student) {
      this.run = run;
      this.student = student;
      this.concepts = new ErasedConcepts(run.request(), settings.forms(), student);
      this.progress =
          new ErasureProgress(
              1 + settings.training().negativeGuidance(), settings.training().until());
      chooseCandidates();
      this.erased = concepts.latents(settings.training().trajectories());
      int[] fill = fillWords();
      // With a trajectory for every word, a word meets latents of its own; else those of others.
      this.matched = !settings.training().reservoir() || fill.length >= words.size();
      this.kept = student.latents("keep", words, fill, settings.keepStride());
    }

    private void chooseCandidates() {
      ErasureRequest request = run.request();
      Vocabulary vocabulary = vocabulary(request);
      for (String concept : request.concepts()) {
        run.progress().progress("encoding the vocabulary", 0, 0);
        List<String> chosen =
            new ArrayList<>(
                vocabulary.candidates(
                    concept, settings.nearest(), settings.centers(), student.contexts()));
        request.preserve().stream().filter(name -> !chosen.contains(name)).forEach(chosen::add);
        int[] indices = new int[chosen.size()];
        for (int i = 0; i < indices.length; i++) {
          if (!words.contains(chosen.get(i))) {
            words.add(chosen.get(i));
          }
          indices[i] = words.indexOf(chosen.get(i));
        }
        candidates.add(
            new Candidates(
                indices,
                new AdversarialSearch(indices.length, settings.tau(), settings.searchRate())));
        history.put(concept, new ArrayList<>());
      }
      student.contexts().prepare(words);
    }

    /** Words of the second pool's trajectories: a random order of all, again and again. */
    private int[] fillWords() {
      int[] order = student.random().stream("keep.order").randperm(words.size());
      int[] fill = new int[settings.keepTrajectories()];
      for (int i = 0; i < fill.length; i++) {
        fill[i] = order[i % order.length];
      }
      return fill;
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
      Map<String, Map<String, Double>> wordWeights = new LinkedHashMap<>();
      for (int c = 0; c < candidates.size(); c++) {
        Map<String, Double> weights = new LinkedHashMap<>();
        double[] probabilities = candidates.get(c).search().probabilities();
        for (int i = 0; i < probabilities.length; i++) {
          weights.put(words.get(candidates.get(c).words()[i]), probabilities[i]);
        }
        wordWeights.put(run.request().concepts().get(c), weights);
      }
      return new ErasedModel(
          Map.of("unet", student.loop().weights()),
          student.loop().losses(),
          history,
          wordWeights,
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

      List<AdversarialSearch.Draw> draws = draw(concept, settings.keepBatch());
      int[] words = Arrays.copyOf(poolWords(concept, draws), draws.size() + settings.keepEmpty());
      Arrays.fill(words, draws.size(), words.length, anyWord());
      LatentBatch za = kept.take(words, student.sampling());
      List<float[]> adversaries = new ArrayList<>();
      for (AdversarialSearch.Draw draw : draws) {
        adversaries.add(keepContext(concept, draw, form()));
        history.get(run.request().concepts().get(concept)).add(word(concept, draw));
      }
      adversaries.addAll(Collections.nCopies(settings.keepEmpty(), student.contexts().get("")));
      float[] keepTarget = student.frozen().predict(za.latents(), za.timesteps(), adversaries);

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
      prompts.addAll(adversaries);
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
      List<AdversarialSearch.Draw> draws = draw(concept, settings.searchBatch());
      LatentBatch za = kept.take(poolWords(concept, draws), student.sampling());
      int form = form();
      List<float[]> adversaries = new ArrayList<>();
      double[] weights = new double[za.size()];
      for (int j = 0; j < weights.length; j++) {
        adversaries.add(keepContext(concept, draws.get(j), form));
        weights[j] = -student.weight(za.timesteps()[j]); // ascent
      }
      // The frozen prediction is a constant: only the student is differentiated, as published.
      float[] keepTarget = student.frozen().predict(za.latents(), za.timesteps(), adversaries);
      List<float[]> gradients =
          student.contextGradients(za, adversaries, keepTarget, weights, step);
      AdversarialSearch search = candidates.get(concept).search();
      float[][] contexts = candidateContexts(concept, form);
      double[] sum = new double[contexts.length];
      for (int j = 0; j < gradients.size(); j++) {
        double[] one = search.gradient(draws.get(j), gradients.get(j), contexts);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += one[i];
        }
      }
      search.step(sum);
    }

    private List<AdversarialSearch.Draw> draw(int concept, int count) {
      TorchRandom gumbel = student.random().stream("gumbel");
      List<AdversarialSearch.Draw> draws = new ArrayList<>();
      for (int j = 0; j < count; j++) {
        draws.add(candidates.get(concept).search().draw(gumbel));
      }
      return draws;
    }

    private int[] poolWords(int concept, List<AdversarialSearch.Draw> draws) {
      return draws.stream()
          .mapToInt(draw -> matched ? candidates.get(concept).words()[draw.index()] : Reservoir.ANY)
          .toArray();
    }

    /** Latents for the empty prompt are those of any word: it guides the sampling of all. */
    private int anyWord() {
      return settings.training().reservoir()
          ? Reservoir.ANY
          : student.random().below("keep.any", words.size());
    }

    private String word(int concept, AdversarialSearch.Draw draw) {
      return words.get(candidates.get(concept).words()[draw.index()]);
    }

    private int form() {
      int forms = settings.keepForms().count();
      return forms == 1 ? 0 : student.random().below("keep.form", forms);
    }

    private float[] keepContext(int concept, AdversarialSearch.Draw draw, int form) {
      return student.contexts().get(settings.keepForms().prompt(form, word(concept, draw)));
    }

    private float[][] candidateContexts(int concept, int form) {
      int[] indices = candidates.get(concept).words();
      float[][] contexts = new float[indices.length][];
      for (int i = 0; i < contexts.length; i++) {
        contexts[i] =
            student.contexts().get(settings.keepForms().prompt(form, words.get(indices[i])));
      }
      return contexts;
    }

    @Override
    public void save(TrainingState state) {
      erased.save("latents", state);
      kept.save("keep", state);
      progress.save(state);
      for (int c = 0; c < candidates.size(); c++) {
        candidates.get(c).search().save("search." + c, state);
        List<String> chosen = history.get(run.request().concepts().get(c));
        state.putLongs("history." + c, chosen.stream().mapToLong(words::indexOf).toArray());
      }
    }

    @Override
    public void load(TrainingState state) {
      erased.load("latents", state);
      kept.load("keep", state);
      progress.load(state);
      for (int c = 0; c < candidates.size(); c++) {
        candidates.get(c).search().load("search." + c, state);
        List<String> chosen = history.get(run.request().concepts().get(c));
        for (long index : state.longs("history." + c)) {
          chosen.add(words.get((int) index));
        }
      }
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
