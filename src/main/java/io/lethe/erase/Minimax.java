// Minimax: erases in closed form so that the worst-hurt word of a vocabulary is hurt least.
package io.lethe.erase;

import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.WordRows;
import io.lethe.erase.closed.WorstWords;
import io.lethe.erase.dense.Matrix;
import io.lethe.evaluate.PromptForms;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Adversarial preservation without training, of Lethe's own making: the closed-form edit of all
 * prompt forms of the concept, every row of the padded prompt mapped to the same prompt without its
 * name, against an adversary that spreads weights over a vocabulary ({@link WorstWords}).
 *
 * <pre>
 * min_M max_{b >= 0, sum b = tau}  mapping error + lambda ||W M||^2 + sum_j b_j damage_j
 * </pre>
 *
 * The report names the adversaries and compares with equal weights at the same mapping error.
 */
public final class Minimax implements ErasureMethod {
  /**
   * Settings.
   *
   * @param forms in which the concept is erased
   * @param wordForms in which words are protected
   * @param guide what takes the concept's place; without it the prompt loses its name
   * @param tau how much the worst damage counts against the mapping error
   * @param lambda in units of the unscaled problem, as UCE's
   * @param gap at which to stop, a share
   * @param rank rows that each word is compressed to
   * @param excluded words that mean the concept
   * @param inventedWords words that stand for all names that nobody listed ({@link UsualText}); 0
   *     for none
   * @param inventedWeight what their mean damage counts against the mapping error
   */
  public record Settings(
      PromptForms forms,
      PromptForms wordForms,
      Optional<String> guide,
      double tau,
      double lambda,
      double gap,
      int solves,
      int rank,
      boolean equalLayers,
      Set<String> excluded,
      int inventedWords,
      double inventedWeight) {
    public Settings {
      excluded = Set.copyOf(excluded);
    }
  }

  private final Settings settings;
  private final boolean reach;

  /**
   * @param reach whether to add the bound on what single embeddings can bring back
   */
  public Minimax(Settings settings, boolean reach) {
    this.settings = settings;
    this.reach = reach;
  }

  /** All options as they are without being set. */
  public static MethodChoice defaults() {
    return MethodChoice.named("minimax");
  }

  @Override
  public String name() {
    return "minimax";
  }

  @Override
  public String paper() {
    return "Lethe's own: adversarial preservation in closed form";
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClosedFormRun closed = new ClosedFormRun(run, reach, settings.equalLayers());
    ConceptRows concept =
        ConceptRows.of(
            closed.texts(), run.request().concepts(), settings.forms(), settings.guide());
    ProtectedWords words = words(closed);
    Played played = play(closed, concept, words.rows());
    CrossAttentionEdit edit =
        CrossAttentionEdit.shared(played.outcome().factor(), closed.projections().names());
    return played
        .describe(closed.report(name(), edit), words)
        .mapping(concept.concepts(), constant(concept))
        .finish();
  }

  private static Function<String, Matrix> constant(ConceptRows concept) {
    Matrix moves = concept.moves();
    return name -> moves;
  }

  ProtectedWords words(ClosedFormRun closed) {
    return ProtectedWords.of(
        closed, settings.forms(), settings.wordForms(), settings.excluded(), settings.rank());
  }

  /**
   * The end of the game.
   *
   * @param uniform gives what equal weights do at the same mapping error: for the account alone
   */
  record Played(
      WorstWords.Outcome outcome,
      Supplier<WorstWords.Outcome> uniform,
      double tau,
      WordRows words) {
    /** Tells the report. */
    ClosedFormReport describe(ClosedFormReport report, ProtectedWords protectedWords) {
      Map<String, Double> weights = new LinkedHashMap<>();
      IntStream.range(0, words.count())
          .boxed()
          .sorted(Comparator.comparingDouble(j -> -outcome.weights()[j]))
          .filter(j -> outcome.weights()[j] > 1e-6 * tau)
          .forEach(j -> weights.put(words.names().get(j), outcome.weights()[j] / tau));
      List<String> first = weights.keySet().stream().limit(5).toList();
      WorstWords.Outcome equal = uniform.get();
      return report
          .condition(outcome.condition().getAsDouble())
          .weights(weights)
          .figure("duality_gap", outcome.gap())
          .figure("solves", outcome.solves())
          .figure("protected_words", words.count())
          .figure("adversaries", weights.size())
          .figure("excluded_as_near", protectedWords.near())
          .figure("compression_lost", words.lost())
          .figure("worst_damage", outcome.worst())
          .figure("mean_damage", outcome.mean())
          .figure("uniform_worst_damage", equal.worst())
          .figure("uniform_mean_damage", equal.mean())
          .figure("uniform_mapping_error", equal.mappingError())
          .note(
              String.format(
                  Locale.ROOT,
                  "worst damage %.2f %%, with equal weights at the same mapping error %.2f %%; gap"
                      + " %.2f %% after %d solves; adversaries: %s",
                  100 * outcome.worst(),
                  100 * equal.worst(),
                  100 * outcome.gap(),
                  outcome.solves(),
                  String.join(", ", first)));
    }
  }

  Played play(ClosedFormRun closed, ConceptRows concept, WordRows words) {
    WorstWords game =
        new WorstWords(
            closed.projections(),
            concept.concepts(),
            concept.moves(),
            words,
            settings.inventedWords() == 0
                ? Matrix.zeros(concept.concepts().columns(), concept.concepts().columns())
                : closed.invented(settings.inventedWords()).times(settings.inventedWeight()));
    double lambda = settings.lambda() / closed.projections().energy(concept.moves());
    WorstWords.Outcome outcome =
        game.play(
            new WorstWords.Settings(settings.tau(), lambda, settings.gap(), settings.solves()));
    return new Played(
        outcome, () -> game.uniformAt(outcome.mappingError(), lambda), settings.tau(), words);
  }
}
