// SPEED: erases in the null space of what is preserved.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.backend.Parallel;
import io.lethe.diffusion.ContextReach;
import io.lethe.diffusion.TextContexts;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.NullSpaceEdit;
import io.lethe.erase.closed.Projections.Projection;
import io.lethe.erase.closed.RightFactor;
import io.lethe.erase.dense.Matrix;
import io.lethe.erase.dense.Products;
import io.lethe.evaluate.PromptForms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * SPEED (Li et al., Scalable, Precise, and Efficient Concept Erasure for Diffusion Models, 2025):
 * one {@link NullSpaceEdit} for each value projection. As published, a text counts by its last
 * token; for nudity by all rows after the start token.
 */
public final class Speed implements ErasureMethod {
  /** The published settings. */
  public enum Task {
    /** Some objects or styles. */
    FEW(true, 0.1, 1, 0, Columns.LAST),
    /** Many people, among whom none is left out of what is preserved. */
    CELEBRITIES(false, 1e-4, 0.05, 0, Columns.LAST),
    /** Nudity: every row of the concept, with the empty prompt alone preserved. */
    NUDITY(true, 0.1, 0.7, 0.5, Columns.ALL);

    private final boolean filter;
    private final double threshold;
    private final double rho;
    private final double slack;
    private final Columns columns;

    Task(boolean filter, double threshold, double rho, double slack, Columns columns) {
      this.filter = filter;
      this.threshold = threshold;
      this.rho = rho;
      this.slack = slack;
      this.columns = columns;
    }
  }

  /** Which rows of a text count. */
  public enum Columns {
    /** That of its last token. */
    LAST,
    /** All after the start token. */
    ALL
  }

  /** Which projections are edited. */
  public enum Params {
    K,
    V,
    KV;

    boolean includes(String name) {
      return switch (this) {
        case K -> name.endsWith(".to_k.weight");
        case V -> name.endsWith(".to_v.weight");
        case KV -> true;
      };
    }
  }

  /**
   * Settings.
   *
   * @param guides what each concept becomes, by position; one for all is enough
   * @param forms sentences around concept and guide
   * @param vocabulary whether the vocabulary is preserved, or the names given and "" alone
   */
  public record Settings(
      Params params,
      Columns columns,
      List<String> guides,
      PromptForms forms,
      boolean vocabulary,
      NullSpaceEdit.Settings edit) {
    public Settings {
      guides = List.copyOf(guides);
    }

    /** From the command line's options; the published values where nothing is given. */
    static Settings of(MethodOptions options, boolean fullSize) {
      Task task = ClosedFormMethods.named(Task.class, "task", options.text("task", "few"));
      int copies = options.integer("copies", 10);
      if (copies < 0 || copies > 1000) {
        throw new UserError("--copies is " + copies + ", not from 0 to 1000");
      }
      double slack = options.real("slack", task.slack);
      if (!(slack >= 0 && slack < Double.POSITIVE_INFINITY)) {
        throw new UserError("--slack is " + slack + ", not a number of at least 0");
      }
      return new Settings(
          ClosedFormMethods.named(Params.class, "params", options.text("params", "v")),
          ClosedFormMethods.named(
              Columns.class, "columns", options.text("columns", lower(task.columns))),
          List.of(options.text("guide", "").split("\\|", -1)),
          new PromptForms(List.of(options.text("prompt-forms", "{}").split("\\|"))),
          task != Task.NUDITY,
          new NullSpaceEdit.Settings(
              options.flag("filter", task.filter),
              copies,
              ClosedFormMethods.positive(options, "threshold", task.threshold),
              ClosedFormMethods.positive(options, "rho", task.rho),
              slack));
    }

    private static String lower(Columns columns) {
      return columns.name().toLowerCase(Locale.ROOT);
    }
  }

  private final Settings settings;

  public Speed(Settings settings) {
    this.settings = settings;
  }

  @Override
  public String name() {
    return "speed";
  }

  @Override
  public String paper() {
    return "Li et al., SPEED: Scalable, Precise, and Efficient Concept Erasure for Diffusion Models,"
        + " 2025";
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClosedFormRun closed = new ClosedFormRun(run, false);
    TextContexts contexts = TextContexts.of(run.backend(), run.base());
    NullSpaceEdit.Targets targets = targets(contexts, run.request().concepts());
    Matrix empty = rows(contexts, "", Columns.ALL);
    Matrix start = rows(contexts, "", Columns.LAST); // a blank text's last token is the start token
    List<String> words = preserved(closed);
    Matrix preserved =
        words.isEmpty() ? empty : columns(contexts, prompts(words, settings.forms()));
    NullSpaceEdit edit =
        new NullSpaceEdit(
            new Products(Parallel.ALONE),
            targets,
            preserved,
            NullSpaceEdit.invariants(start, empty),
            settings.edit());
    List<Projection> projections =
        closed.projections().list().stream()
            .filter(projection -> settings.params().includes(projection.name()))
            .toList();
    if (projections.isEmpty()) {
      throw new UserError("the unet has no such projection in any cross-attention");
    }
    NullSpaceEdit.Layer[] layers = solve(edit, projections, closed);
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    for (int l = 0; l < layers.length; l++) {
      factors.put(projections.get(l).name(), layers[l].factor());
    }
    Matrix moves = targets.guides().minus(targets.concepts());
    return closed
        .report(name(), new CrossAttentionEdit(factors))
        .mapping(targets.concepts(), name -> moves)
        .figure("preserved", preserved.rows())
        .figure("preserved_after_filter", mean(layers, NullSpaceEdit.Layer::kept))
        .figure("preserved_copies", mean(layers, NullSpaceEdit.Layer::augmented))
        .figure("preserved_directions", mean(layers, NullSpaceEdit.Layer::directions))
        .finish();
  }

  /** Each projection on one thread: what they solve is too small to be shared well. */
  private static NullSpaceEdit.Layer[] solve(
      NullSpaceEdit edit, List<Projection> projections, ClosedFormRun closed) {
    NullSpaceEdit.Layer[] layers = new NullSpaceEdit.Layer[projections.size()];
    Matrix[] weights = new Matrix[layers.length];
    for (int l = 0; l < layers.length; l++) {
      weights[l] = closed.projections().read(projections.get(l));
    }
    closed
        .projections()
        .threads()
        .run(
            layers.length,
            l -> {
              String name = projections.get(l).name();
              RandomStreams random = new RandomStreams(closed.run().request().seed());
              layers[l] = edit.solve(weights[l], random.stream(name));
            });
    return layers;
  }

  private static double mean(
      NullSpaceEdit.Layer[] layers, ToIntFunction<NullSpaceEdit.Layer> count) {
    return Arrays.stream(layers).mapToInt(count).average().orElse(0);
  }

  /** Concepts and guides in every form. */
  private NullSpaceEdit.Targets targets(TextContexts contexts, List<String> concepts) {
    List<String> guides = settings.guides();
    if (guides.size() != 1 && guides.size() != concepts.size()) {
      throw new UserError(
          "--guide names " + guides.size() + " texts for " + concepts.size() + " concepts");
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; i < concepts.size(); i++) {
      all.add(guides.size() == 1 ? guides.getFirst() : guides.get(i));
    }
    List<String> from = prompts(concepts, settings.forms());
    List<String> to = prompts(all, settings.forms());
    return new NullSpaceEdit.Targets(columns(contexts, from), columns(contexts, to), from.size());
  }

  private static List<String> prompts(List<String> names, PromptForms forms) {
    List<String> prompts = new ArrayList<>();
    for (String name : names) {
      for (int form = 0; form < forms.count(); form++) {
        prompts.add(forms.prompt(form, name).strip());
      }
    }
    return prompts;
  }

  /** What is to stay, without whatever shares a whole word with a concept. */
  private List<String> preserved(ClosedFormRun closed) {
    ErasureRequest request = closed.run().request();
    List<String> words = settings.vocabulary() ? closed.words() : request.preserve();
    List<String> kept = new ArrayList<>();
    if (!words.isEmpty()) {
      kept.addAll(new Vocabulary(words).without(request.concepts()).words());
    }
    if (!settings.vocabulary() && !kept.isEmpty()) {
      kept.addFirst("");
    }
    return kept;
  }

  private Matrix columns(TextContexts contexts, List<String> prompts) {
    contexts.prepare(
        prompts,
        settings.columns() == Columns.LAST ? ContextReach.CONTENT : ContextReach.WHOLE);
    List<Matrix> rows = new ArrayList<>();
    prompts.forEach(prompt -> rows.add(rows(contexts, prompt, settings.columns())));
    return Matrix.stack(rows, contexts.width());
  }

  private static Matrix rows(TextContexts contexts, String prompt, Columns columns) {
    int width = contexts.width();
    if (columns == Columns.LAST) {
      return Matrix.of(1, width, contexts.lastContent(prompt));
    }
    Matrix whole = Matrix.of(contexts.tokens(), width, contexts.get(prompt));
    return whole.rows(1, whole.rows());
  }
}
