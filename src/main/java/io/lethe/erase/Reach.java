// Reach: takes the concept's directions out of the reach of every single embedding (experimental).
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.ReachProjection;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.closed.WordRows;
import io.lethe.erase.dense.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An edit of Lethe's own making, on top of {@link Minimax}: after the concept reads as its guide,
 * the directions that carry more of it than of the other words are removed from what any embedding
 * can make of the keys and values ({@link ReachProjection}).
 *
 * <pre>
 * I + M  of minimax, with its weights w
 * L L^T  = (1 - s) S + s (tr S / tr S_l) W_l^T W_l      what W_l measures embeddings by
 * Pi_l   = L^-T (I - F^T F) L^T,   F of  Z_C^T Z_C - mu sum_j w_j Z_j^T Z_j,   Z = X L
 * W_l'   = W_l Pi_l (I + M)
 * </pre>
 *
 * With s = 0, the default, all projections lose the same directions; above it each loses those that
 * it reads the concept by.
 *
 * <p>What comes out is a bound on one embedding, never a guarantee; its limits stand in the report.
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
   * @param ownShare what a projection's own measure of embeddings counts when directions are taken
   *     from it, from 0 (all projections lose the same) to below 1
   * @param uniform whether every word counts the same in place of the game's weights
   * @param exactRank rows of the empty prompt and of each guide that stay exactly, the strongest
   */
  public record Settings(
      Minimax minimax,
      double mu,
      double meanDamage,
      double ownShare,
      boolean uniform,
      Rows rows,
      int exactRank) {}

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
    Directions taken = directions(closed, concept, others, weights);
    CrossAttentionEdit edit =
        taken
            .edit()
            .compose(
                CrossAttentionEdit.shared(played.outcome().factor(), closed.projections().names()),
                closed.products());
    Matrix moves = concept.moves();
    return played
        .describe(closed.report(name(), edit), others)
        .mapping(concept.concepts(), name -> moves)
        .figure("reach_mu", taken.mu())
        .figure("reach_rank", taken.rank())
        .figure("reach_projection_damage", taken.damage())
        .finish();
  }

  /**
   * What is taken out of reach.
   *
   * @param rank the most directions that a projection loses
   * @param mu the mean over projections
   * @param damage the mean over projections
   */
  private record Directions(CrossAttentionEdit edit, int rank, double mu, double damage) {}

  private Directions directions(
      ClosedFormRun closed, ConceptRows concept, ProtectedWords others, double[] weights) {
    Projections all = closed.projections();
    Matrix targets = targets(closed);
    Matrix preserved = preserved(closed, concept);
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    int rank = 0;
    double mu = 0;
    double damage = 0;
    ReachProjection.Result result = null;
    for (Projections.Projection one : all.list()) {
      if (result == null || settings.ownShare() > 0) {
        Matrix metric = settings.ownShare() > 0 ? all.metric(one, settings.ownShare()) : all.gram();
        ReachProjection projection =
            new ReachProjection(all, metric, targets, others.rows(), weights, preserved);
        result =
            settings.mu() > 0
                ? projection.at(settings.mu())
                : projection.within(settings.meanDamage());
      }
      rank = Math.max(rank, result.rank());
      mu += result.mu() / all.list().size();
      damage += result.meanDamage() / all.list().size();
      factors.put(one.name(), result.factor());
    }
    if (rank == 0) {
      throw new LetheException("no direction carries more of the concept than of other words");
    }
    return new Directions(new CrossAttentionEdit(factors), rank, mu, damage);
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
      WordRows strongest =
          WordRows.of(
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
