// Reach: takes the concept's directions out of the reach of every single embedding (experimental).
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.ReachProjection;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.dense.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An edit of Lethe's own making, on top of {@link Minimax}: after the concept reads as its guide,
 * the directions that carry more of it than of the other words are removed from what any embedding
 * can make of the keys and values ({@link ReachProjection}).
 *
 * <pre>
 * I + M  of minimax, with its weights w
 * Pi     = L^-T (I - F^T F) L^T,   F of  Z_C^T Z_C - mu sum_j w_j Z_j^T Z_j
 * W'     = W Pi (I + M)
 * </pre>
 *
 * What comes out is a bound on one embedding, never a guarantee; its limits stand in the report.
 */
public final class Reach implements ErasureMethod {
  /** Which rows of the concept's prompts are taken out of reach. */
  public enum Rows {
    /** All, the padding too. */
    ALL,
    /** Those of the concept's own words and of the end token. */
    CONTENT,
    /** The last content token's. */
    LAST
  }

  /**
   * Settings.
   *
   * @param minimax the edit before the projection
   * @param mu what a word's energy counts against the concept's; 0 to find it from the damage
   * @param meanDamage the damage that the projection may do, averaged with the words' weights
   * @param uniform whether every word counts the same in place of the game's weights
   * @param exactRank rows of the empty prompt and of each guide that stay exactly, the strongest
   */
  public record Settings(
      Minimax minimax, double mu, double meanDamage, boolean uniform, Rows rows, int exactRank) {}

  private final Settings settings;
  private final Minimax.Settings words;

  Reach(Settings settings, Minimax.Settings words) {
    this.settings = settings;
    this.words = words;
  }

  /** All options as they are without being set. */
  public static MethodChoice defaults() {
    return MethodChoice.named("reach");
  }

  @Override
  public String name() {
    return "reach";
  }

  @Override
  public String paper() {
    return "Lethe's own, experimental: a bound on what any single embedding can bring back";
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClosedFormRun closed = new ClosedFormRun(run, true, words.equalLayers());
    ConceptRows concept =
        ConceptRows.of(closed.texts(), run.request().concepts(), words.forms(), words.guide());
    ProtectedWords others = settings.minimax().words(closed);
    Minimax.Played played = settings.minimax().play(closed, concept, others.rows());
    double[] weights = played.outcome().weights().clone();
    double sum = Arrays.stream(weights).sum();
    for (int j = 0; j < weights.length; j++) {
      weights[j] = settings.uniform() ? 1.0 / weights.length : weights[j] / sum;
    }
    ReachProjection projection =
        new ReachProjection(
            closed.projections(),
            targets(closed),
            others.rows(),
            weights,
            preserved(closed, concept));
    ReachProjection.Result result =
        settings.mu() > 0 ? projection.at(settings.mu()) : projection.within(settings.meanDamage());
    if (result.rank() == 0) {
      throw new LetheException("no direction carries more of the concept than of other words");
    }
    RightFactor factor = result.factor().compose(played.outcome().factor(), closed.products());
    Matrix moves = concept.moves();
    return played
        .describe(
            closed.report(name(), CrossAttentionEdit.shared(factor, closed.projections().names())),
            others)
        .mapping(concept.concepts(), name -> moves)
        .figure("reach_mu", result.mu())
        .figure("reach_rank", result.rank())
        .figure("reach_projection_damage", result.meanDamage())
        .finish();
  }

  /** The rows to take out of reach, without the start token, which every prompt shares. */
  private Matrix targets(ClosedFormRun closed) {
    List<Matrix> rows = new ArrayList<>();
    int forms = words.forms().count();
    for (String concept : closed.run().request().concepts()) {
      for (int form = 0; form < forms; form++) {
        EmbeddedText text = closed.texts().of(words.forms().prompt(form, concept));
        int own = closed.run().base().tokenizer().encode(concept).contentTokens();
        int last = text.lastContent();
        rows.add(
            switch (settings.rows()) {
              case ALL -> text.rows().rows(1, text.rows().rows());
              case CONTENT -> text.rows().rows(Math.max(1, last + 1 - own), last + 2);
              case LAST -> text.last();
            });
      }
    }
    return Matrix.stack(rows, rows.getFirst().columns());
  }

  /** The start token, and the strongest rows of the empty prompt and of the guides. */
  private Matrix preserved(ClosedFormRun closed, ConceptRows concept) {
    Matrix empty = closed.texts().of("").rows();
    List<Matrix> rows = new ArrayList<>();
    rows.add(empty.rows(0, 1));
    if (settings.exactRank() > 0) {
      io.lethe.erase.closed.WordRows strongest =
          io.lethe.erase.closed.WordRows.of(
              List.of("", "guides"),
              List.of(empty, concept.guides()),
              new double[] {1, 1},
              settings.exactRank(),
              closed.projections().threads());
      rows.add(strongest.rows());
    }
    return Matrix.stack(rows, empty.columns());
  }
}
