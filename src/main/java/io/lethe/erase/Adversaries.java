// EAP's adversarial words: each concept's candidates, how likely each is drawn, and what was drawn.
package io.lethe.erase;

import io.lethe.diffusion.TorchRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** The words that {@link Eap} protects, and the search among them. */
final class Adversaries {
  /** The candidates of one concept, as indices into the words of all. */
  private record Candidates(String concept, int[] words, AdversarialSearch search) {}

  private final Eap.Settings settings;
  private final UnetStudent student;
  private final List<String> words = new ArrayList<>();
  private final List<Candidates> candidates = new ArrayList<>();
  private final Map<String, List<String>> history = new LinkedHashMap<>();

  /** Takes the candidates: those near each concept, and every word that is to be preserved. */
  Adversaries(Eap.Settings settings, ErasureRun run, Vocabulary vocabulary, UnetStudent student) {
    this.settings = settings;
    this.student = student;
    for (String concept : run.request().concepts()) {
      run.progress().progress("encoding the vocabulary", 0, 0);
      List<String> chosen =
          new ArrayList<>(
              vocabulary.candidates(
                  concept, settings.nearest(), settings.centers(), student.contexts()));
      run.request().preserve().stream().filter(name -> !chosen.contains(name)).forEach(chosen::add);
      int[] indices = new int[chosen.size()];
      for (int i = 0; i < indices.length; i++) {
        if (!words.contains(chosen.get(i))) {
          words.add(chosen.get(i));
        }
        indices[i] = words.indexOf(chosen.get(i));
      }
      candidates.add(
          new Candidates(
              concept,
              indices,
              new AdversarialSearch(indices.length, settings.tau(), settings.searchRate())));
      history.put(concept, new ArrayList<>());
    }
    student.contexts().prepare(words);
  }

  // ---- latents ---------------------------------------------------------------------------------

  /** A pool of latents under the words: trajectories in a random order of all, again and again. */
  LatentSource latents() {
    int[] order = student.random().stream("keep.order").randperm(words.size());
    int[] fill = new int[settings.keepTrajectories()];
    for (int i = 0; i < fill.length; i++) {
      fill[i] = order[i % order.length];
    }
    return student.latents("keep", words, fill, settings.keepStride());
  }

  /** With a trajectory for every word, a word meets latents of its own; else those of others. */
  private boolean isMatched() {
    return !settings.training().reservoir() || settings.keepTrajectories() >= words.size();
  }

  /**
   * Whose latents the drawn words meet, and after them the empty prompt, {@code empty} times. Its
   * latents are those of any word: it guides the sampling of all.
   */
  int[] latentsOf(int concept, List<AdversarialSearch.Draw> draws, int empty) {
    int[] whose = new int[draws.size() + empty];
    for (int j = 0; j < draws.size(); j++) {
      whose[j] =
          isMatched() ? candidates.get(concept).words()[draws.get(j).index()] : Reservoir.ANY;
    }
    if (empty > 0) {
      int any =
          settings.training().reservoir()
              ? Reservoir.ANY
              : student.random().below("keep.any", words.size());
      Arrays.fill(whose, draws.size(), whose.length, any);
    }
    return whose;
  }

  // ---- prompts ---------------------------------------------------------------------------------

  /** One of the forms in which words are protected. */
  int form() {
    int forms = settings.keepForms().count();
    return forms == 1 ? 0 : student.random().below("keep.form", forms);
  }

  /**
   * The drawn words in sentences.
   *
   * @param form asked for each word: {@link #form} for one of its own
   */
  List<float[]> contexts(int concept, List<AdversarialSearch.Draw> draws, IntSupplier form) {
    List<float[]> contexts = new ArrayList<>();
    draws.forEach(draw -> contexts.add(context(word(concept, draw), form.getAsInt())));
    return contexts;
  }

  private float[] context(String word, int form) {
    return student.contexts().get(settings.keepForms().prompt(form, word));
  }

  private String word(int concept, AdversarialSearch.Draw draw) {
    return words.get(candidates.get(concept).words()[draw.index()]);
  }

  // ---- the search ------------------------------------------------------------------------------

  /** Words for a concept, by the Gumbel-softmax over its candidates. */
  List<AdversarialSearch.Draw> draw(int concept, int count) {
    TorchRandom gumbel = student.random().stream("gumbel");
    List<AdversarialSearch.Draw> draws = new ArrayList<>();
    for (int j = 0; j < count; j++) {
      draws.add(candidates.get(concept).search().draw(gumbel));
    }
    return draws;
  }

  /**
   * Steps the concept's logits.
   *
   * @param gradients of what is to be made small, with respect to each drawn word's context
   */
  void step(int concept, List<AdversarialSearch.Draw> draws, int form, List<float[]> gradients) {
    AdversarialSearch search = candidates.get(concept).search();
    int[] own = candidates.get(concept).words();
    float[][] contexts = new float[own.length][];
    for (int i = 0; i < contexts.length; i++) {
      contexts[i] = context(words.get(own[i]), form);
    }
    double[] sum = new double[contexts.length];
    for (int j = 0; j < gradients.size(); j++) {
      double[] one = search.gradient(draws.get(j), gradients.get(j), contexts);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += one[i];
      }
    }
    search.step(sum);
  }

  // ---- the record ------------------------------------------------------------------------------

  /** Puts words into the history. */
  void remember(int concept, List<AdversarialSearch.Draw> draws) {
    List<String> drawn = history.get(candidates.get(concept).concept());
    draws.forEach(draw -> drawn.add(word(concept, draw)));
  }

  /** By concept, the words that were protected, in order. */
  Map<String, List<String>> history() {
    return history;
  }

  /** By concept, each candidate's probability. */
  Map<String, Map<String, Double>> weights() {
    Map<String, Map<String, Double>> weights = new LinkedHashMap<>();
    for (Candidates of : candidates) {
      Map<String, Double> own = new LinkedHashMap<>();
      double[] probabilities = of.search().probabilities();
      for (int i = 0; i < probabilities.length; i++) {
        own.put(words.get(of.words()[i]), probabilities[i]);
      }
      weights.put(of.concept(), own);
    }
    return weights;
  }

  void save(TrainingState state) {
    for (int c = 0; c < candidates.size(); c++) {
      candidates.get(c).search().save("search." + c, state);
      List<String> chosen = history.get(candidates.get(c).concept());
      state.putLongs("history." + c, chosen.stream().mapToLong(words::indexOf).toArray());
    }
  }

  void load(TrainingState state) {
    for (int c = 0; c < candidates.size(); c++) {
      candidates.get(c).search().load("search." + c, state);
      List<String> chosen = history.get(candidates.get(c).concept());
      for (long index : state.longs("history." + c)) {
        chosen.add(words.get((int) index));
      }
    }
  }
}
