// UCE: edits keys and values in closed form, so that a concept reads as its guide.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.erase.closed.ClosedFormEditor;
import io.lethe.erase.closed.ClosedFormEditor.Problem;
import io.lethe.erase.closed.ClosedFormEditor.Solution;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.EmbeddedText;
import io.lethe.erase.closed.Projections;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.closed.TextEmbeddings;
import io.lethe.erase.dense.Matrix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Unified Concept Editing (Gandikota et al., WACV 2024).
 *
 * <pre>
 * columns    c_i, g_i   of concept and guide,  x_j  of what is preserved
 * A        = lambda I + a sum_i c_i c_i^T + b sum_j x_j x_j^T
 * replace    M   = a sum_i (g_i - c_i) c_i^T A^-1                      one for all projections
 * tensor     M_l = a sum_i (g_i - (1 + s_l) c_i) c_i^T A^-1            s_l = &lt;W_l c, W_l g&gt; / ||W_l c||^2
 * debias     replace with g_i = c_i + sum_p alpha_p c_p,  alpha += desired - observed share
 * W_l'     = W_l (I + M_l)
 * </pre>
 *
 * The authors' current code (2025) has one column a text, its last content token; the classic one
 * (2023) the last content token and all that follow, every row of what is preserved, and always
 * preserves the empty prompt. Moderating is replacing by a blank guide.
 */
public final class Uce implements ErasureMethod {
  /** What the concept is replaced by. */
  public enum Technique {
    /** The guide. */
    REPLACE,
    /** The guide without its part along the concept, by projection. */
    TENSOR,
    /** The concept itself and some of each attribute. */
    DEBIAS
  }

  /**
   * Attributes that a concept shall show in equal or other shares.
   *
   * @param attributes texts, such as {@code male} and {@code female}
   * @param alphas how much of each is added: the sum over all rounds of desired less observed share
   */
  public record Debias(List<String> attributes, double[] alphas) {
    public Debias {
      attributes = List.copyOf(attributes);
      if (attributes.size() != alphas.length) {
        throw new UserError(
            attributes.size() + " attributes and " + alphas.length + " shares do not fit");
      }
    }

    /** After another round of pictures; the projections start from the unedited ones each time. */
    public Debias after(double[] desired, double[] observed) {
      double[] next = alphas.clone();
      for (int p = 0; p < next.length; p++) {
        next[p] += desired[p] - observed[p];
      }
      return new Debias(attributes, next);
    }
  }

  /** Sentences around a concept, in which it is erased too. */
  public enum Templates {
    NONE(List.of()),
    ART(List.of("painting by ", "art by ", "artwork by ", "picture by ", "style of ")),
    OBJECT(List.of("image of ", "photo of ", "portrait of ", "picture of ", "painting of "));

    private final List<String> starts;

    Templates(List<String> starts) {
      this.starts = starts;
    }
  }

  /**
   * Settings.
   *
   * @param classic columns and habits of the code of 2023 rather than 2025
   * @param guides what each concept becomes, by position; one for all is enough
   * @param eraseScale a
   * @param preserveScale b
   * @param preserveVocabulary whether the vocabulary is preserved beside the names given
   * @param debias for that technique, in place of a guide
   */
  public record Settings(
      boolean classic,
      Technique technique,
      Templates templates,
      List<String> guides,
      double eraseScale,
      double preserveScale,
      boolean preserveVocabulary,
      double lambda,
      Optional<Debias> debias) {
    public Settings {
      if ((technique == Technique.DEBIAS) != debias.isPresent()) {
        throw new UserError("--technique debias needs --attributes, and nothing else takes them");
      }
      guides = List.copyOf(guides);
    }
  }

  /**
   * Columns as rows.
   *
   * @param texts of each text the first row that is its own: {@code texts[t] .. texts[t + 1]}
   */
  public record Columns(Matrix concepts, Matrix guides, Matrix preserved, int[] texts) {}

  private final Settings settings;
  private final boolean reach;

  /**
   * @param reach whether to add the bound on what single embeddings can bring back
   */
  public Uce(Settings settings, boolean reach) {
    this.settings = settings;
    this.reach = reach;
  }

  /** All options as they are without being set. */
  public static MethodChoice defaults() {
    return MethodChoice.named("uce");
  }

  @Override
  public String name() {
    return "uce";
  }

  @Override
  public String paper() {
    return "Gandikota et al., Unified Concept Editing in Diffusion Models, WACV 2024";
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClosedFormRun closed = new ClosedFormRun(run, reach, false);
    Columns columns = columns(closed.texts(), run.request().concepts(), preserved(closed));
    Solution solution = new ClosedFormEditor(closed.products()).solve(problem(columns));
    Map<String, Matrix> moves = moves(columns, closed.projections());
    CrossAttentionEdit edit = edit(solution.factor(), moves, closed.projections());
    ClosedFormReport report = closed.report(name(), edit);
    settings.debias().ifPresent(debias -> report.figure("alphas", debias.alphas()));
    return report
        .condition(solution.condition().getAsDouble())
        .mapping(columns.concepts(), moves::get)
        .finish();
  }

  /** The texts to keep. */
  List<String> preserved(ClosedFormRun closed) {
    return settings.preserveVocabulary() ? closed.words() : closed.run().request().preserve();
  }

  /** The problem that these columns pose. */
  public Problem problem(Columns columns) {
    return Problem.uniform(
        columns.concepts(),
        columns.guides(),
        settings.eraseScale(),
        columns.preserved(),
        settings.preserveScale(),
        settings.lambda());
  }

  /** The columns of the form that was chosen. */
  public Columns columns(TextEmbeddings texts, List<String> concepts, List<String> preserve) {
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    List<Matrix> kept = new ArrayList<>();
    List<String> starts = new ArrayList<>(List.of(""));
    starts.addAll(settings.templates().starts);
    announce(texts, starts, concepts, preserve);
    for (int i = 0; i < concepts.size(); i++) {
      for (String start : starts) {
        EmbeddedText concept = read(texts, start + concepts.get(i));
        if (settings.technique() == Technique.DEBIAS) {
          from.add(concept.last());
          to.add(debiased(concept.last(), texts));
          continue;
        }
        EmbeddedText guide = read(texts, (settings.classic() ? "" : start) + guide(i));
        if (settings.classic()) {
          following(concept, guide, from, to);
        } else {
          from.add(concept.last());
          to.add(guide.last());
        }
      }
    }
    if (settings.classic()) {
      kept.add(texts.of("").rows());
      preserve.forEach(text -> kept.add(texts.of(text).rows()));
    } else {
      preserve.forEach(text -> kept.add(read(texts, text).last()));
    }
    int width = from.getFirst().columns();
    int[] first = new int[from.size() + 1];
    for (int t = 0; t < from.size(); t++) {
      first[t + 1] = first[t] + from.get(t).rows();
    }
    return new Columns(
        Matrix.stack(from, width), Matrix.stack(to, width), Matrix.stack(kept, width), first);
  }

  /** All rows where the form has columns in the padding, else those up to the end token alone. */
  private EmbeddedText read(TextEmbeddings texts, String prompt) {
    return settings.classic() ? texts.of(prompt) : texts.upToEnd(prompt);
  }

  /** So that the many prompts of many concepts are encoded together. */
  private void announce(
      TextEmbeddings texts, List<String> starts, List<String> concepts, List<String> preserve) {
    List<String> prompts = new ArrayList<>(preserve);
    for (String start : starts) {
      concepts.forEach(concept -> prompts.add(start + concept));
    }
    if (settings.classic()) {
      texts.prepare(prompts);
    } else {
      texts.prepareToEnd(prompts);
    }
  }

  /** {@code c + sum_p alpha_p c_p}. */
  private Matrix debiased(Matrix concept, TextEmbeddings texts) {
    Debias debias = settings.debias().orElseThrow();
    Matrix guide = concept;
    for (int p = 0; p < debias.alphas().length; p++) {
      guide = guide.combine(read(texts, debias.attributes().get(p)).last(), debias.alphas()[p]);
    }
    return guide;
  }

  private String guide(int concept) {
    List<String> guides = settings.guides();
    if (guides.size() > 1 && concept >= guides.size()) {
      throw new UserError(
          "--guide names " + guides.size() + " guides; give one, or one for each concept");
    }
    return guides.size() == 1 ? guides.getFirst() : guides.get(concept);
  }

  /** Last content token and all that follow, of equal number on both sides. */
  private static void following(
      EmbeddedText concept, EmbeddedText guide, List<Matrix> from, List<Matrix> to) {
    int count = concept.rows().rows() - Math.max(concept.lastContent(), guide.lastContent());
    from.add(concept.rows().rows(concept.lastContent(), concept.lastContent() + count));
    to.add(guide.rows().rows(guide.lastContent(), guide.lastContent() + count));
  }

  /** Where each concept shall move, by projection: the same matrix for all but for tensor. */
  public Map<String, Matrix> moves(Columns columns, Projections projections) {
    Map<String, Matrix> moves = new LinkedHashMap<>();
    if (settings.technique() != Technique.TENSOR) {
      Matrix shared = columns.guides().minus(columns.concepts());
      projections.names().forEach(name -> moves.put(name, shared));
      return moves;
    }
    for (Projections.Projection projection : projections.list()) {
      Matrix concept = projections.outputs(projection, columns.concepts());
      Matrix guide = projections.outputs(projection, columns.guides());
      double[] factors = new double[concept.rows()];
      for (int t = 0; t + 1 < columns.texts().length; t++) {
        int first = columns.texts()[t];
        int last = columns.texts()[t + 1];
        Matrix rows = concept.rows(first, last);
        // s = <W c, W g> / ||W c||^2 over all rows of one text
        double along = rows.dot(guide.rows(first, last)) / rows.dot(rows);
        java.util.Arrays.fill(factors, first, last, 1 + along);
      }
      moves.put(projection.name(), columns.guides().minus(columns.concepts().scaleRows(factors)));
    }
    return moves;
  }

  /** The solution with these moves in place of its own, which do not enter its right factor. */
  public CrossAttentionEdit edit(
      RightFactor factor, Map<String, Matrix> moves, Projections projections) {
    if (settings.technique() != Technique.TENSOR) {
      return CrossAttentionEdit.shared(factor, projections.names());
    }
    if (factor.pairs() != moves.values().iterator().next().rows()) {
      throw new LetheException("more concept columns than an embedding has numbers");
    }
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    moves.forEach((name, left) -> factors.put(name, new RightFactor(left, factor.right())));
    return new CrossAttentionEdit(Collections.unmodifiableMap(factors));
  }
}
