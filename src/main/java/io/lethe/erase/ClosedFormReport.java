// The account of a closed-form edit: what it is, what it does to the concept and to every word.
package io.lethe.erase;

import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EditEffect;
import io.lethe.erase.closed.EditFile;
import io.lethe.erase.closed.EditedProjections;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.ReachBound;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.dense.Matrix;
import io.lethe.weights.ContentHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Collects figures for metrics.json and ends in the {@link ErasedModel}. */
final class ClosedFormReport {
  private static final int WORST = 10;

  private final ClosedFormRun run;
  private final String method;
  private final CrossAttentionEdit edit;
  private final EditEffect effect;
  private final Map<String, float[]> weights;
  private final Map<String, Object> figures = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, Map<String, Double>> wordWeights = new LinkedHashMap<>();

  ClosedFormReport(ClosedFormRun run, String method, CrossAttentionEdit edit) {
    this.run = run;
    this.method = method;
    this.edit = edit;
    EditedProjections edited = new EditedProjections(run.projections(), edit);
    this.weights = edited.weights();
    run.edited();
    this.effect = edited.effect();
    Optional<RightFactor> shared = edit.sharedFactor();
    figures.put("projections", edit.factors().size());
    figures.put("one_factor_for_all", shared.isPresent());
    int rank = 0;
    double norm = 0;
    for (RightFactor factor : edit.distinct()) {
      double[] singular = factor.singularValues(run.products(), run.projections().threads());
      rank = Math.max(rank, singular.length);
      norm = Math.max(norm, factor.norm(run.products()));
    }
    figures.put("rank", rank);
    figures.put("norm", norm);
  }

  /** Of A in the 2-norm. */
  ClosedFormReport condition(double condition) {
    figures.put("condition", condition);
    return this;
  }

  /**
   * @param moves by projection, where each concept row should have moved
   */
  ClosedFormReport mapping(Matrix concepts, Function<String, Matrix> moves) {
    double error = effect.mappingError(concepts, moves);
    figures.put("mapping_error", error);
    notes.add("mapping error %.2f %%".formatted(100 * error));
    return this;
  }

  ClosedFormReport figure(String name, Object value) {
    figures.put(name, value);
    return this;
  }

  ClosedFormReport note(String sentence) {
    notes.add(sentence);
    return this;
  }

  /** For adversarial methods: how much each word counted in the end. */
  ClosedFormReport weights(Map<String, Double> weights) {
    wordWeights.put(String.join(", ", run.run().request().concepts()), weights);
    return this;
  }

  /**
   * The bound on what a single embedding can bring back of each concept's last content token, as a
   * share of the distance of the nearest other word's.
   */
  ClosedFormReport reach() {
    ReachBound bound = new ReachBound(run.projections(), weights);
    Map<String, Object> byConcept = new LinkedHashMap<>();
    List<String> words = run.reportedWords();
    run.prepareWords(words);
    for (String concept : run.run().request().concepts()) {
      Matrix own = run.texts().of(concept).last();
      double distance = Math.sqrt(bound.distances(own)[0]);
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("distance", distance);
      entry.put("share_of_own_norm", distance / Math.sqrt(run.projections().energy(own)));
      String nearest = "";
      double least = Double.POSITIVE_INFINITY;
      for (String word : words) {
        double apart = Math.sqrt(run.projections().energy(run.word(word).last().minus(own)));
        if (apart < least) {
          least = apart;
          nearest = word;
        }
      }
      if (!nearest.isEmpty()) {
        entry.put("nearest_word", nearest);
        entry.put("share_of_nearest_words_distance", distance / least);
        notes.add(
            String.format(
                Locale.ROOT,
                "reach: no single embedding comes nearer to %s than %.2f of the distance to %s",
                concept,
                distance / least,
                nearest));
      }
      byConcept.put(concept, entry);
    }
    figures.put("reach_bound", byConcept);
    figures.put("reach_limits", ReachBound.LIMITS);
    notes.add("the reach number is " + ReachBound.LIMITS);
    return this;
  }

  /** Damage to every reported word, then the model. */
  ErasedModel finish() {
    damages();
    Map<String, Double> seconds = run.seconds();
    Projections projections = run.projections();
    EditFile file =
        new EditFile(
            edit,
            textEncoderHash(run.run()),
            baseHash(projections),
            method,
            run.run().request().concepts());
    return new ErasedModel(
        Map.of("unet", weights),
        Map.of(),
        Map.of(),
        wordWeights,
        0,
        0,
        0,
        notes,
        figures,
        Optional.of(file),
        seconds);
  }

  /** Identifies the text encoder, whether it is stored in F32 or F16. */
  static String textEncoderHash(ErasureRun run) {
    return ContentHash.ofTensors(run.base().folder().weights("text_encoder").tensors().values());
  }

  /** Identifies the projections before the edit. */
  static String baseHash(Projections projections) {
    return ContentHash.ofTensors(
        projections.list().stream().map(Projections.Projection::weight).toList());
  }

  private void damages() {
    List<String> words = run.reportedWords();
    if (words.isEmpty()) {
      return;
    }
    run.prepareWords(words);
    record Damaged(String word, double damage) {}
    List<Damaged> damaged = new ArrayList<>();
    double sum = 0;
    List<Matrix> rows = words.stream().map(word -> run.word(word).rows()).toList();
    double[] damages = effect.damages(rows, rows.stream().map(run::fromEmpty).toList());
    for (int j = 0; j < damages.length; j++) {
      damaged.add(new Damaged(words.get(j), damages[j]));
      sum += damages[j];
    }
    damaged.sort(Comparator.comparingDouble(Damaged::damage).reversed());
    Map<String, Double> worst = new LinkedHashMap<>();
    damaged.stream().limit(WORST).forEach(word -> worst.put(word.word(), word.damage()));
    figures.put("damage_words", words.size());
    figures.put("damage_mean", sum / words.size());
    figures.put("damage_worst", damaged.getFirst().damage());
    figures.put("damage_by_word", worst);
    notes.add(
        String.format(
            Locale.ROOT,
            "damage to %d other words: %.2f %% on average, at worst %.2f %% (%s)",
            words.size(),
            100 * sum / words.size(),
            100 * damaged.getFirst().damage(),
            damaged.getFirst().word()));
  }
}
