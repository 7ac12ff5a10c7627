// SPEED: erases in the null space of what is preserved.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.backend.Parallel;
import io.lethe.diffusion.ContextReach;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TextContexts;
import io.lethe.erase.closed.CrossAttentionEdit;
import io.lethe.erase.closed.NullSpaceEdit;
import io.lethe.erase.closed.NullSpaceEdit.Layer;
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
  /** Settings to start from: the published ones, and those found for the bundled model. */
  public enum Task {
    /** Some objects or styles. */
    FEW(Params.V, Columns.LAST, "{}", true, new NullSpaceEdit.Settings(true, 10, 0.1, 1, 0)),
    /** Many people, among whom none is left out of what is preserved. */
    CELEBRITIES(
        Params.V, Columns.LAST, "{}", true, new NullSpaceEdit.Settings(false, 10, 1e-4, 0.05, 0)),
    /** Nudity: every row of the concept, with the empty prompt alone preserved. */
    NUDITY(Params.V, Columns.ALL, "{}", false, new NullSpaceEdit.Settings(true, 10, 0.1, 0.7, 0.5)),
    /**
     * The bundled model: keys too and every row, since it has few words and tells them apart by the
     * whole context.
     */
    SMALL(Params.KV, Columns.ALL, "{}", true, new NullSpaceEdit.Settings(false, 10, 0.01, 0.05, 0));

    private final Params params;
    private final Columns columns;
    private final String forms;
    private final boolean vocabulary;
    private final NullSpaceEdit.Settings edit;

    Task(
        Params params,
        Columns columns,
        String forms,
        boolean vocabulary,
        NullSpaceEdit.Settings edit) {
      this.params = params;
      this.columns = columns;
      this.forms = forms;
      this.vocabulary = vocabulary;
      this.edit = edit;
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

    /** From the command line's options, on top of those of a task. */
    static Settings of(MethodOptions options, boolean fullSize) {
      String start = options.text("task", fullSize ? "few" : "small");
      Task task = ClosedFormMethods.named(Task.class, "task", start);
      int copies = options.integer("copies", task.edit.copies());
      if (copies < 0 || copies > 1000) {
        throw new UserError("--copies is " + copies + ", not from 0 to 1000");
      }
      double slack = options.real("slack", task.edit.slack());
      if (!(slack >= 0 && slack < Double.POSITIVE_INFINITY)) {
        throw new UserError("--slack is " + slack + ", not a number of at least 0");
      }
      return new Settings(
          ClosedFormMethods.named(
              Params.class, "params", options.text("params", lower(task.params))),
          ClosedFormMethods.named(
              Columns.class, "columns", options.text("columns", lower(task.columns))),
          List.of(options.text("guide", "").split("\\|", -1)),
          new PromptForms(List.of(options.text("prompt-forms", task.forms).split("\\|"))),
          task.vocabulary,
          new NullSpaceEdit.Settings(
              options.flag("filter", task.edit.filter()),
              copies,
              ClosedFormMethods.positive(options, "threshold", task.edit.threshold()),
              ClosedFormMethods.positive(options, "retain-scale", task.edit.rho()),
              slack));
    }

    private static String lower(Enum<?> value) {
      return value.name().toLowerCase(Locale.ROOT);
    }
  }

  private final Settings settings;
  private final boolean reach;

  /**
   * @param reach whether to report what a single embedding can bring back
   */
  public Speed(Settings settings, boolean reach) {
    this.settings = settings;
    this.reach = reach;
  }

  /** All options as they are without being set. */
  public static MethodChoice defaults() {
    return MethodChoice.named("speed");
  }

  @Override
  public String name() {
    return "speed";
  }

  @Override
  public String paper() {
    return "Li et al., SPEED: Scalable, Precise, and Efficient Concept Erasure for Diffusion"
        + " Models, 2025";
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return 0;
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    ClosedFormRun closed = new ClosedFormRun(run, reach, false);
    TextContexts contexts = closed.contexts();
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
    Layer[] layers = solve(edit, projections, closed);
    Map<String, RightFactor> factors = new LinkedHashMap<>();
    for (int l = 0; l < layers.length; l++) {
      factors.put(projections.get(l).name(), layers[l].factor());
    }
    Matrix moves = targets.guides().minus(targets.concepts());
    ClosedFormReport report =
        closed
            .report(name(), new CrossAttentionEdit(factors))
            .mapping(targets.concepts(), name -> moves)
            .figure("preserved", preserved.rows())
            .figure("preserved_after_filter", mean(layers, Layer::kept))
            .figure("preserved_copies", mean(layers, Layer::augmented))
            .figure("preserved_directions", mean(layers, Layer::directions));
    contexts.notes().forEach(report::note);
    return report.finish();
  }

  /** Each projection on one thread: what they solve is too small to be shared well. */
  private static Layer[] solve(
      NullSpaceEdit edit, List<Projection> projections, ClosedFormRun closed) {
    Layer[] layers = new Layer[projections.size()];
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

  private static double mean(Layer[] layers, ToIntFunction<Layer> count) {
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
        prompts, settings.columns() == Columns.LAST ? ContextReach.CONTENT : ContextReach.WHOLE);
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
