// Few-shot unlearning: push the text encoder away from a concept with a handful of pictures.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.backend.Backend;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Layout;
import io.lethe.diffusion.Picture;
import io.lethe.diffusion.PictureLatents;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TorchRandom;
import io.lethe.evaluate.PromptForms;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.nn.ParameterStore;
import io.lethe.nn.optim.Adam;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Erasing Concepts from Text-to-Image Diffusion Models with Few-shot Unlearning (Fuchi and Takagi,
 * BMVC 2024).
 *
 * <pre>
 * each epoch, over the shuffled pictures in batches:
 *   y = a random caption of the concept, t ~ U{0..999}, e ~ N(0, I), z_t = sqrt(A_t) z + sqrt(1 - A_t) e
 *   step on  -mean((eps(z_t, t, TE(y)) - e)^2)     by the text encoder alone
 * </pre>
 *
 * The loss has no floor, so the epoch is the regulator: {@link EpochChoice} takes the first that
 * erases within a budget of damage.
 */
public final class FewShot implements ErasureMethod {
  /**
   * Settings.
   *
   * @param pictures to draw from the model itself when the user gives none, for each concept
   * @param epochs at most
   * @param learningRate Adam's; betas 0.9 and 0.98, eps 1e-6 and coupled decay 1e-8 are the paper's
   */
  public record Settings(
      TextSelector selector,
      int pictures,
      int batch,
      int epochs,
      double learningRate,
      PromptForms captions) {}

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.98;
  private static final double EPS = 1e-6;
  private static final double DECAY = 1e-8;

  /** A picture to unlearn: its latent, and which concept it shows. */
  private record Item(float[] latent, String concept) {}

  private final Settings settings;
  private final List<List<Picture>> given;
  private final EpochChoice choice;

  /**
   * @param given the user's pictures, a list for each concept; empty to draw them
   * @param choice which epoch to take
   */
  public FewShot(Settings settings, List<List<Picture>> given, EpochChoice choice) {
    this.settings = settings;
    this.given = given;
    this.choice = choice;
  }

  /** The paper's defaults for models of its size, and sound ones for small models. */
  public static MethodChoice defaults() {
    return MethodChoice.named("few-shot");
  }

  @Override
  public String name() {
    return "few-shot";
  }

  @Override
  public String paper() {
    return "Fuchi and Takagi, Erasing Concepts from Text-to-Image Diffusion Models with Few-shot"
        + " Unlearning, BMVC 2024";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("settings", settings.toString());
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    int concepts = run.request().concepts().size();
    long drawing =
        given.isEmpty() ? (long) concepts * settings.pictures() * 2 * ConceptDetection.STEPS : 0;
    long updates = 3L * settings.epochs() * countPictures(concepts);
    return drawing + updates + (long) settings.epochs() * choice.passesPerEpoch(concepts);
  }

  /** How many pictures there are to unlearn, of all concepts together. */
  private int countPictures(int concepts) {
    return given.isEmpty()
        ? concepts * settings.pictures()
        : given.stream().mapToInt(List::size).sum();
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    return new Unlearning(run).run();
  }

  /** One step of ascent on given latents; also what the golden data checks. */
  static Value loss(
      Tape tape,
      DiffusionModel base,
      ClipTextModel student,
      int side,
      float[] noisy,
      double[] timesteps,
      int[][] ids,
      float[] target) {
    int channels = base.unet().config().inChannels();
    Shape shape = Shape.of(timesteps.length, (long) side * side, channels);
    Value context = student.forward(tape, ids).lastHiddenState();
    Value out =
        base.unet()
            .forward(
                tape,
                Value.constant(Tensor.of("noisy", shape, noisy)),
                side,
                side,
                timesteps,
                context);
    double[] ascent = new double[timesteps.length];
    Arrays.fill(ascent, -1);
    return MeanSquaredError.apply(tape, out, Tensor.of("target", shape, target), ascent);
  }

  /** The paper's optimiser over these parameters. */
  static Adam optimizer(double learningRate, ParameterStore store) {
    return new Adam(
        new Adam.Config(learningRate, BETA1, BETA2, EPS, DECAY, false), store.trainable());
  }

  /** One run: what lives between its steps. */
  private final class Unlearning implements TrainingLoop.State {
    private final ErasureRun run;
    private final DiffusionModel base;
    private final Backend backend;
    private final ClipTextModel student;
    private final TrainingLoop loop;
    private final RandomStreams random;
    private final int stepsPerEpoch;
    private final List<Item> items = new ArrayList<>();
    private final Scope scope;
    private int[] order;
    private EpochChoice.Verdict verdict;

    Unlearning(ErasureRun run) {
      this.run = run;
      this.base = run.base();
      this.backend = run.backend();
      ClipTextModel frozen = base.textEncoder();
      ParameterStore store =
          frozen
              .parameters()
              .fork(settings.selector().predicate(frozen.config().numHiddenLayers()));
      settings.selector().requireKnownSize(frozen.parameters().parameters(), store.trainable());
      this.student = new ClipTextModel(frozen.config(), store);
      int total = countPictures(run.request().concepts().size());
      this.stepsPerEpoch = (total + settings.batch() - 1) / settings.batch();
      this.loop =
          new TrainingLoop(
              run,
              optimizer(settings.learningRate(), store),
              settings.learningRate(),
              LearningRate.CONSTANT,
              settings.epochs() * stepsPerEpoch);
      this.random = loop.random();
      this.scope = Scope.root("few-shot", backend.computeType());
    }

    ErasedModel run() {
      try (scope) {
        collectPictures();
        choice.begin(run);
        loop.run("unlearning", this::step, this);
        if (verdict == null) {
          throw new LetheException("few-shot unlearning took no step");
        }
        return new ErasedModel(
            Map.of("text_encoder", loop.weights()),
            loop.losses(),
            Map.of(),
            Map.of(),
            loop.passes() + choice.passes(),
            loop.fillPasses(),
            scope.peakBytes(),
            List.of(verdict.explanation()));
      }
    }

    private void collectPictures() {
      // A stream of its own, begun anew at every start: a resumed run sees the same pictures.
      RandomStreams pictureStreams = new RandomStreams(run.request().seed());
      for (int c = 0; c < run.request().concepts().size(); c++) {
        String concept = run.request().concepts().get(c);
        List<Picture> pictures =
            given.isEmpty()
                ? choice.draw(run, concept, settings.pictures(), settings.captions())
                : given.get(c);
        for (float[] latent :
            PictureLatents.encode(
                backend,
                base.vae(),
                run.latentHeight(),
                pictures,
                true,
                pictureStreams,
                run.progress())) {
          items.add(new Item(latent, concept));
        }
      }
    }

    private boolean step(int step) {
      int inEpoch = step % stepsPerEpoch;
      if (inEpoch == 0) {
        order = random.stream("order").randperm(items.size());
      }
      int from = inEpoch * settings.batch();
      int to = Math.min(from + settings.batch(), items.size());
      descend(Arrays.copyOfRange(order, from, to), step);
      if (inEpoch < stepsPerEpoch - 1) {
        return true;
      }
      int epoch = step / stepsPerEpoch + 1;
      verdict = choice.judge(run, student, epoch, settings.epochs());
      return !verdict.taken();
    }

    private void descend(int[] batch, int step) {
      int side = run.latentHeight();
      int channels = base.unet().config().inChannels();
      int size = side * side * channels;
      double[] timesteps = new double[batch.length];
      int[][] ids = new int[batch.length][];
      float[] noisy = new float[batch.length * size];
      float[] target = new float[batch.length * size];
      TorchRandom noiseStream = random.stream("noise");
      for (int i = 0; i < batch.length; i++) {
        Item item = items.get(batch[i]);
        int form = random.below("caption", settings.captions().count());
        ids[i] = base.tokenizer().encode(settings.captions().prompt(form, item.concept())).ids();
        int t = random.below("timestep", base.schedule().trainSteps());
        float[] noise = Layout.toChannelsLast(noiseStream.randn(size), 1, channels, side, side);
        timesteps[i] = t;
        System.arraycopy(
            base.schedule().addNoise(item.latent(), noise, t), 0, noisy, i * size, size);
        System.arraycopy(
            base.schedule().target(item.latent(), noise, t), 0, target, i * size, size);
      }
      try (Scope update = scope.child("update")) {
        Tape tape = Tape.recording(backend, update);
        Value loss = loss(tape, base, student, side, noisy, timesteps, ids, target).retain();
        loop.update(tape, loss, step);
        loop.log("unlearn", loss.scalar());
        loop.countPasses(3L * batch.length);
      }
    }

    @Override
    public void save(TrainingState state) {
      state.putLongs("order", Arrays.stream(order).asLongStream().toArray());
      choice.save(state);
    }

    @Override
    public void load(TrainingState state) {
      order = Arrays.stream(state.longs("order")).mapToInt(Math::toIntExact).toArray();
      choice.load(state);
    }
  }
}
