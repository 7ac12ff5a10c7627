// Concept inversion: learn a new word for what an edited model is said to have forgotten.
package io.lethe.attack;

import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.GenerationRequest;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.PictureLatents;
import io.lethe.diffusion.Pipeline;
import io.lethe.diffusion.ProgressListener;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TextContexts;
import io.lethe.evaluate.CaptionTemplates;
import io.lethe.evaluate.EvaluationPlan.Planned;
import io.lethe.evaluate.PipelinePainter.Drawing;
import io.lethe.evaluate.PromptForms;
import io.lethe.evaluate.Ranking;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Circumventing Concept Erasure Methods for Text-to-Image Generative Models (Pham et al., ICLR
 * 2024): the claim under test is that the concept survives in the weights and only its name was
 * blocked.
 *
 * <pre>
 * x_1..x_m = pictures of the concept, by the base model
 * for each restart:
 *   v = another word's embedding, or a random one
 *   descend on the edited model's denoising loss of x under "an emoji of a v", by v alone
 *   draw with v; success: the judge names the concept first
 * </pre>
 *
 * The same attack on the base itself is its upper bound; with 0 steps, its lower one.
 */
public final class TextualInversion {
  /** How the method is called. */
  public static final String NAME = "textual-inversion";

  /** Who found it. */
  public static final String PAPER =
      "Pham et al., Circumventing Concept Erasure Methods for Text-to-Image Generative Models,"
          + " ICLR 2024";

  /** What the attacker may set. */
  public enum Embedding {
    /** One row of the token table; the text encoder makes the context. */
    WORD,
    /** The whole context. */
    CONTEXT;

    /** As in options and files. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws UserError listing the known ones
     */
    public static Embedding named(String label) {
      for (Embedding embedding : values()) {
        if (embedding.label().equals(label)) {
          return embedding;
        }
      }
      throw new UserError("--embedding '" + label + "' is neither word nor context");
    }
  }

  /**
   * Settings.
   *
   * @param steps of each restart; 0 to judge the starts
   * @param learningRate AdamW's at the start, from where it falls by half a cosine to 0; betas 0.9
   *     and 0.999, eps 1e-8, decay 0.01
   * @param pictures that the base model draws when none are given
   * @param captions sentences that the word is learned in
   * @param count pictures that each success rate is counted over
   * @param drawingSteps of the sampler, for all pictures
   */
  public record Settings(
      Embedding embedding,
      int steps,
      int restarts,
      int batch,
      double learningRate,
      int pictures,
      PromptForms captions,
      int count,
      int drawingSteps) {

    /** Found by experiment on the bundled model; the rates of large ones are the literature's. */
    public static Settings defaults(Embedding embedding, boolean fullSize, PromptForms forms) {
      boolean word = embedding == Embedding.WORD;
      return new Settings(
          embedding,
          300,
          3,
          fullSize ? 4 : 12,
          fullSize || word ? 5e-3 : 0.02,
          25,
          fullSize ? CaptionTemplates.objects() : forms,
          fullSize ? 16 : 64,
          25);
    }
  }

  /** A forward with backward counts as this many forward passes. */
  private static final int BACKWARD = 3;

  /** Seeds of the pictures to learn from; judged ones start at 9000, few-shot's own at 4000. */
  private static final long FIRST_TRAINING_SEED = 6000;

  private final Settings settings;

  public TextualInversion(Settings settings) {
    this.settings = settings;
  }

  /** Single-sample UNet passes that a run needs. */
  public long estimatePasses(AttackRun run) {
    long drawn = (2L + settings.restarts()) * settings.count();
    drawn += run.pictures().isEmpty() ? settings.pictures() : 0;
    long learning = (long) BACKWARD * settings.restarts() * settings.steps() * settings.batch();
    return 2L * settings.drawingSteps() * drawn + learning;
  }

  /**
   * Attacks.
   *
   * @throws UserError if the judge does not know the concept, or the search diverges
   * @throws AttackRun.Cancelled if the user interrupts
   */
  public InversionResult run(AttackRun run) {
    List<Planned> planned = run.planned(settings.count()); // before any work
    String placeholder = placeholder(run.concept());
    RandomStreams random = new RandomStreams(run.seed());
    DiffusionModel model = run.model();
    try (Pipeline base = Pipeline.over(run.base(), run.backend(), run.base().textEncoder());
        Pipeline edited = Pipeline.over(model, run.backend(), model.textEncoder())) {
      List<Picture> pictures = run.pictures().isEmpty() ? draw(run, base) : run.pictures();
      List<float[]> latents =
          PictureLatents.encode(
              run.backend(), model.vae(), run.latentSide(), pictures, false, random, run.heeding());
      List<String> names = planned.stream().map(Planned::prompt).toList();
      InversionResult.Shown before = show(run, base, "judging the base", names, planned);
      InversionResult.Shown after = show(run, edited, "judging the edit", names, planned);
      LearnedEmbedding training = embedding(run, settings.captions());
      LearnedEmbedding judged = embedding(run, run.forms());
      List<InversionResult.Restart> restarts = new ArrayList<>();
      long peak = 0;
      for (int r = 0; r < settings.restarts(); r++) {
        String stage = "restart %d of %d".formatted(r + 1, settings.restarts());
        Start start =
            Start.draw(judged, model.tokenizer(), run.judge().labels(), run.concept(), r, random);
        float[] learned = start.values();
        double[] losses;
        try (Inversion inversion = new Inversion(run, settings, training, latents, random, r)) {
          losses = inversion.learn(stage, learned);
          peak = Math.max(peak, inversion.peakBytes());
        }
        List<String> prompts = teach(run, edited, judged, learned, placeholder, planned);
        restarts.add(
            new InversionResult.Restart(
                start.initial(),
                learned,
                losses,
                show(run, edited, "judging " + stage, prompts, planned)));
      }
      long learning = (long) BACKWARD * settings.restarts() * settings.steps() * settings.batch();
      return new InversionResult(
          run.concept(),
          placeholder,
          settings,
          run.seed(),
          before,
          after,
          restarts,
          run.forms(),
          planned.stream().map(Planned::form).toList(),
          planned.stream().map(Planned::seed).toList(),
          Drawing.suiting(base, settings.drawingSteps()).toString(),
          edited.contexts().tokens(),
          pictures.size(),
          base.hash(),
          edited.hash(),
          run.judge().id(),
          base.unetPasses() + edited.unetPasses() + learning,
          Math.max(peak, Math.max(base.peakBytes(), edited.peakBytes())));
    }
  }

  /** The new word as prompts have it: {@code <fire-engine>}. */
  static String placeholder(String concept) {
    String plain = concept.strip().toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-");
    return "<" + plain.replaceAll("^-|-$", "") + ">";
  }

  private LearnedEmbedding embedding(AttackRun run, PromptForms forms) {
    DiffusionModel model = run.model();
    return switch (settings.embedding()) {
      case WORD ->
          new LearnedWord(
              run.backend(),
              model.textEncoder(),
              model.tokenizer(),
              PlaceholderPrompt.of(model.tokenizer(), forms));
      case CONTEXT ->
          new LearnedContext(
              new TextContexts(run.backend(), model.tokenizer(), model.textEncoder()));
    };
  }

  /** What the concept looks like, by whoever still knows. */
  private List<Picture> draw(AttackRun run, Pipeline base) {
    List<String> prompts = new ArrayList<>();
    long[] seeds = new long[settings.pictures()];
    for (int i = 0; i < seeds.length; i++) {
      prompts.add(run.forms().prompt(i % run.forms().count(), run.concept()));
      seeds[i] = FIRST_TRAINING_SEED + i;
    }
    return generate(base, prompts, seeds, "drawing the concept", run.heeding());
  }

  /** Lets the pipeline know what was learned. Returns the prompts that ask for it. */
  private static List<String> teach(
      AttackRun run,
      Pipeline edited,
      LearnedEmbedding embedding,
      float[] learned,
      String placeholder,
      List<Planned> planned) {
    int count = run.forms().count();
    int[] forms = new int[count];
    for (int form = 0; form < count; form++) {
      forms[form] = form;
    }
    TextContexts contexts = edited.contexts();
    int size = contexts.tokens() * contexts.width();
    try (Scope scope = Scope.root("learned", run.backend().computeType())) {
      Value value = Value.constant(Tensor.of("embedding", embedding.shape(), learned));
      float[] all =
          embedding.contexts(Tape.noGrad(run.backend(), scope), value, forms).data().floats();
      for (int form = 0; form < count; form++) {
        float[] context = new float[size];
        System.arraycopy(all, form * size, context, 0, size);
        contexts.put(run.forms().prompt(form, placeholder), context);
      }
    }
    return planned.stream().map(one -> run.forms().prompt(one.form(), placeholder)).toList();
  }

  private InversionResult.Shown show(
      AttackRun run, Pipeline pipeline, String stage, List<String> prompts, List<Planned> planned) {
    long[] seeds = planned.stream().mapToLong(Planned::seed).toArray();
    List<Picture> pictures = generate(pipeline, prompts, seeds, stage, run.heeding());
    int successes = 0;
    for (Ranking ranking : run.judge().rank(pictures)) {
      successes += ranking.rankOf(planned.getFirst().label()) == 1 ? 1 : 0;
    }
    return new InversionResult.Shown(pictures, SuccessRate.of(successes, pictures.size()));
  }

  private List<Picture> generate(
      Pipeline pipeline,
      List<String> prompts,
      long[] seeds,
      String stage,
      ProgressListener progress) {
    Drawing drawing = Drawing.suiting(pipeline, settings.drawingSteps());
    GenerationRequest request =
        new GenerationRequest(
            prompts,
            "",
            seeds,
            drawing.steps(),
            drawing.guidance(),
            drawing.scheduler(),
            drawing.height(),
            drawing.width());
    return pipeline.generate(
        request, (drawn, done, total) -> progress.progress(stage, done, total));
  }
}
