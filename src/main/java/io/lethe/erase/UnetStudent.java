// A UNet that is being trained beside its frozen original: targets, updates, gradients of contexts.
package io.lethe.erase;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.diffusion.Denoiser;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TextContexts;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.nn.Parameter;
import io.lethe.nn.optim.Adam;
import io.lethe.nn.optim.Optimizer;
import io.lethe.nn.optim.WhitenedAdam;
import io.lethe.nn.optim.Whitening;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Student and frozen model of one run, with what every eraser of a UNet asks of them: latents, the
 * frozen model's targets, an update of the student, and the gradient of the student's error by the
 * text contexts.
 */
final class UnetStudent implements AutoCloseable {
  private final ErasureRun run;
  private final TrainingSettings settings;
  private final RandomStreams random;
  private final TextContexts contexts;
  private final DdimGrid grid;
  private final UNet2DConditionModel studentUnet;
  private final Denoiser frozen;
  private final Denoiser student;
  private final TrainingLoop loop;
  private final Scope scope;
  private final List<float[]> start = new ArrayList<>();
  private double conceptGap;

  /** A student that Adam trains. */
  UnetStudent(ErasureRun run, TrainingSettings settings) {
    this(run, settings, List.of(), 0);
  }

  /**
   * A student whose keys and values {@link WhitenedAdam} trains.
   *
   * @param usual samples of prompts whose contexts are made white; none for plain Adam
   * @param ridge of the {@link Whitening}
   */
  UnetStudent(ErasureRun run, TrainingSettings settings, List<List<String>> usual, double ridge) {
    this.run = run;
    this.settings = settings;
    this.contexts = TextContexts.of(run.backend(), run.base());
    this.grid = new DdimGrid(run.base().schedule(), settings.levels());
    UNet2DConditionModel base = run.base().unet();
    this.studentUnet =
        new UNet2DConditionModel(
            base.config(), base.parameters().fork(settings.selector().predicate()));
    UNet2DConditionModel reading =
        new UNet2DConditionModel(base.config(), studentUnet.parameters().constantView());
    int side = run.latentHeight();
    this.frozen = new Denoiser(run.backend(), base, side, side);
    this.student = new Denoiser(run.backend(), reading, side, side);
    this.loop =
        new TrainingLoop(
            run,
            optimizer(usual, ridge),
            settings.learningRate(),
            settings.schedule(),
            settings.steps());
    loop.parameters().forEach(parameter -> start.add(parameter.data().floats().clone()));
    loop.countElsewhere(() -> frozen.passes() + student.passes());
    this.random = loop.random();
    this.scope = Scope.root("training", run.backend().computeType());
  }

  private Optimizer optimizer(List<List<String>> usual, double ridge) {
    Adam.Config config = Adam.Config.adam(settings.learningRate());
    List<Parameter> trained = studentUnet.parameters().trainable();
    if (usual.isEmpty()) {
      return new Adam(config, trained);
    }
    List<List<float[]>> usualContexts = new ArrayList<>();
    for (List<String> sample : usual) {
      contexts.prepare(sample);
      usualContexts.add(sample.stream().map(contexts::get).toList());
    }
    Whitening whitening = Whitening.of(usualContexts, contexts.width(), ridge);
    return new WhitenedAdam(
        config, trained, Selector.X_STRICT.predicate(), whitening, run.backend());
  }

  TextContexts contexts() {
    return contexts;
  }

  RandomStreams random() {
    return random;
  }

  /** Single-sample passes of both models so far. */
  long passes() {
    return loop.passes();
  }

  /** The most compute memory in use at once, in bytes. */
  long peakBytes() {
    return Math.max(scope.peakBytes(), Math.max(frozen.peakBytes(), student.peakBytes()));
  }

  Denoiser frozen() {
    return frozen;
  }

  Denoiser student() {
    return student;
  }

  DdimGrid grid() {
    return grid;
  }

  /** Takes the trained change at another strength; returns which and why. */
  String scale(StrengthSearch search) {
    return search.scale(run, start, loop.parameters(), student.unet(), loop);
  }

  /** Who samples latents. */
  Denoiser sampling() {
    return settings.frozenSampling() ? frozen : student;
  }

  /**
   * A source of latents under these prompts, one word a prompt; filled by the first trajectories of
   * a pool.
   */
  LatentSource latents(String name, List<String> prompts, int[] fillWords, int stride) {
    contexts.prepare(prompts);
    float[] empty = contexts.get("");
    int channels = run.base().unet().config().inChannels();
    if (!settings.reservoir()) {
      return new FreshLatents(
          name,
          grid,
          word -> contexts.get(prompts.get(word)),
          empty,
          settings.guidance(),
          random,
          channels,
          settings.legacyTimesteps());
    }
    Reservoir pool =
        new Reservoir(
            name,
            grid,
            word -> contexts.get(prompts.get(word)),
            empty,
            settings.guidance(),
            random,
            channels);
    if (!loop.isResuming()) {
      long before = frozen.passes();
      run.progress().progress("filling pool " + name, 0, 0);
      pool.fill(fillWords, stride, frozen);
      loop.countFill(frozen.passes() - before);
    }
    return pool;
  }

  /** The weight of a timestep in the loss, by the level of the grid that it belongs to. */
  double weight(double timestep) {
    double level = settings.legacyTimesteps() ? timestep - timestep % grid.stride() + 1 : timestep;
    return settings.weighting().weight(grid.schedule(), level);
  }

  /**
   * ESD's target (Gandikota et al. 2023): {@code e0 - eta (ec - e0)}, both of the frozen model, in
   * one pass.
   *
   * @param anchors contexts to be led to, one a sample
   * @param concepts contexts to be led away from, one a sample
   */
  float[] targets(
      LatentBatch batch, List<float[]> anchors, List<float[]> concepts, List<float[]> negatives) {
    int n = batch.size();
    boolean shared = anchors == negatives;
    int copies = shared ? 2 : 3;
    float[] repeated = new float[copies * batch.latents().length];
    double[] timesteps = new double[copies * n];
    for (int copy = 0; copy < copies; copy++) {
      System.arraycopy(
          batch.latents(), 0, repeated, copy * batch.latents().length, batch.latents().length);
      System.arraycopy(batch.timesteps(), 0, timesteps, copy * n, n);
    }
    List<float[]> all = new ArrayList<>(anchors);
    all.addAll(concepts);
    if (!shared) {
      all.addAll(negatives);
    }
    float[] predicted = frozen.predict(repeated, timesteps, all);
    int size = batch.latents().length;
    int negativeBlock = shared ? 0 : 2;
    conceptGap = gap(predicted, size, negativeBlock);
    return negativeGuidance(predicted, size, negativeBlock, settings.negativeGuidance());
  }

  /**
   * Mean squared distance between the concept's and the negative's predictions of the last targets.
   */
  double conceptGap() {
    return conceptGap;
  }

  private static double gap(float[] predicted, int size, int negativeBlock) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      double difference = (double) predicted[size + i] - predicted[negativeBlock * size + i];
      sum += difference * difference;
    }
    return sum / size;
  }

  /** {@code anchor - eta (concept - negative)} of predictions that stand one behind the other. */
  static float[] negativeGuidance(float[] predicted, int size, int negativeBlock, double eta) {
    float[] target = new float[size];
    float scale = (float) eta;
    for (int i = 0; i < size; i++) {
      target[i] =
          predicted[i] - scale * (predicted[size + i] - predicted[negativeBlock * size + i]);
    }
    return target;
  }

  /**
   * One update of the student: forward, weighted squared error against fixed targets, backward,
   * Adam.
   *
   * @param weights one a sample; the loss is their weighted mean
   * @return the squared error of each sample before the update, unweighted
   */
  double[] descend(
      float[] latents,
      double[] timesteps,
      List<float[]> conditions,
      float[] targets,
      double[] weights,
      int step) {
    try (Scope update = scope.child("update")) {
      Tape tape = Tape.recording(run.backend(), update);
      Shape shape = sampleShape(timesteps.length);
      Value out =
          studentUnet
              .forward(
                  tape,
                  Value.constant(Tensor.of("sample", shape, latents)),
                  run.latentHeight(),
                  run.latentHeight(),
                  timesteps,
                  Value.constant(
                      TextContexts.stack(conditions, contexts.tokens(), contexts.width())))
              .retain();
      Tensor target = Tensor.of("target", shape, targets);
      Value loss = MeanSquaredError.apply(tape, out, target, weights);
      double[] errors = squaredErrors(out.data().floats(), targets, timesteps.length);
      loop.update(tape, loss, step);
      loop.countPasses((long) PassEstimate.BACKWARD * timesteps.length);
      return errors;
    }
  }

  private static double[] squaredErrors(float[] out, float[] targets, int n) {
    double[] errors = new double[n];
    int size = out.length / n;
    for (int i = 0; i < out.length; i++) {
      double difference = (double) out[i] - targets[i];
      errors[i / size] += difference * difference / size;
    }
    return errors;
  }

  /**
   * The gradient of a squared error of the student by the contexts, its weights held fixed: what a
   * search over words climbs.
   *
   * @return {@code dL/dc}, one array of {@code [tokens * width]} a sample
   */
  List<float[]> contextGradients(
      LatentBatch batch, List<float[]> conditions, float[] targets, double[] weights, int step) {
    try (Scope search = scope.child("search")) {
      Tape tape = Tape.recording(run.backend(), search);
      Shape shape = sampleShape(batch.size());
      Tensor context = TextContexts.stack(conditions, contexts.tokens(), contexts.width());
      Value leaf = Value.leaf(context, search.zeros("context.gradient", context.shape()));
      UNet2DConditionModel reading = student.unet();
      Value out =
          reading.forward(
              tape,
              Value.constant(Tensor.of("sample", shape, batch.latents())),
              run.latentHeight(),
              run.latentHeight(),
              batch.timesteps(),
              leaf);
      Value loss = MeanSquaredError.apply(tape, out, Tensor.of("target", shape, targets), weights);
      TrainingLoop.requireFinite(loss.scalar(), step);
      tape.backward(loss);
      loop.countPasses((long) PassEstimate.BACKWARD * batch.size());
      float[] gradient = leaf.gradient().floats();
      int size = contexts.tokens() * contexts.width();
      List<float[]> rows = new ArrayList<>();
      for (int n = 0; n < batch.size(); n++) {
        float[] row = new float[size];
        System.arraycopy(gradient, n * size, row, 0, size);
        rows.add(row);
      }
      return rows;
    }
  }

  private Shape sampleShape(int n) {
    return Shape.of(
        n, (long) run.latentHeight() * run.latentHeight(), run.base().unet().config().inChannels());
  }

  TrainingLoop loop() {
    return loop;
  }

  @Override
  public void close() {
    scope.close();
    frozen.close();
    student.close();
  }
}
