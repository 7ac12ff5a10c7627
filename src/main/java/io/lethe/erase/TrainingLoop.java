// The loop that every eraser of a UNet shares: its models, its memory, its updates, its checkpoints.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.diffusion.Denoiser;
import io.lethe.diffusion.TextContexts;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.nn.Parameter;
import io.lethe.nn.optim.Adam;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Frozen model, student, optimiser and random streams of one run. A method brings a {@link Step}: choose a concept, take latents,
 * ask the frozen model for targets, and let the student {@link #descend}.
 */
final class TrainingLoop implements AutoCloseable {
  /** One iteration of a method. */
  interface Step {
    /** Iteration {@code step} of {@code steps}, from 0. */
    void run(int step);
  }

  /** What a method adds to the loop's own state. */
  interface State {
    void save(TrainingState state);

    void load(TrainingState state);
  }

  /** The share of a forward pass that a forward with backward costs: input gradients, and few weight gradients. */
  private static final int BACKWARD_PASSES = 3;

  /** Seconds between checkpoints. When they are written changes nothing in the result. */
  private static final long CHECKPOINT_NANOS = 60_000_000_000L;

  private final ErasureRun run;
  private final TrainingSettings settings;
  private final RandomStreams random;
  private final TextContexts contexts;
  private final DdimGrid grid;
  private final UNet2DConditionModel studentUnet;
  private final Denoiser frozen;
  private final Denoiser student;
  private final Adam optimizer;
  private final Scope scope;
  private final Map<String, List<Double>> losses = new LinkedHashMap<>();
  private long trainedPasses;
  private long earlierPasses;
  private long fillPasses;

  TrainingLoop(ErasureRun run, TrainingSettings settings) {
    this.run = run;
    this.settings = settings;
    this.random = new RandomStreams(run.request().seed());
    this.contexts =
        new TextContexts(run.backend(), run.base().tokenizer(), run.base().textEncoder());
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
    this.optimizer =
        new Adam(
            Adam.Config.adam(settings.learningRate()), studentUnet.parameters().trainable());
    this.scope = Scope.root("training", run.backend().computeType());
  }

  TextContexts contexts() {
    return contexts;
  }

  RandomStreams random() {
    return random;
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

  /** Who samples latents. */
  Denoiser sampling() {
    return settings.frozenSampling() ? frozen : student;
  }

  /** A source of latents under these prompts, one word a prompt; filled by the first trajectories of a pool. */
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
    if (!isResuming()) {
      long before = frozen.passes();
      run.progress().progress("filling pool " + name, 0, 0);
      pool.fill(fillWords, stride, frozen);
      fillPasses += frozen.passes() - before;
    }
    return pool;
  }

  /** The weight of a timestep in the loss, by the level of the grid that it belongs to. */
  double weight(double timestep) {
    double level = settings.legacyTimesteps() ? timestep - timestep % grid.stride() + 1 : timestep;
    return settings.weighting().weight(grid.schedule(), level);
  }

  /**
   * ESD's target (Gandikota et al. 2023): {@code e0 - eta (ec - e0)}, both of the frozen model, in one pass.
   *
   * @param anchors contexts to be led to, one a sample
   * @param concepts contexts to be led away from, one a sample
   */
  float[] targets(LatentBatch batch, List<float[]> anchors, List<float[]> concepts, List<float[]> negatives) {
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
    return negativeGuidance(
        predicted, batch.latents().length, shared ? 0 : 2, settings.negativeGuidance());
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
   * One update of the student: forward, weighted squared error against fixed targets, backward, Adam.
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
    optimizer.setLearningRate(
        settings.learningRate() * settings.schedule().factor(step, settings.steps()));
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
      requireFinite(loss.scalar(), step);
      double[] errors = squaredErrors(out.data().floats(), targets, timesteps.length);
      optimizer.zeroGradients();
      tape.backward(loss);
      optimizer.step();
      trainedPasses += (long) BACKWARD_PASSES * timesteps.length;
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
   * The gradient of a squared error of the student by the contexts, its weights held fixed: what a search over words climbs.
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
      Value loss =
          MeanSquaredError.apply(tape, out, Tensor.of("target", shape, targets), weights);
      requireFinite(loss.scalar(), step);
      tape.backward(loss);
      trainedPasses += (long) BACKWARD_PASSES * batch.size();
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
        n,
        (long) run.latentHeight() * run.latentHeight(),
        run.base().unet().config().inChannels());
  }

  private static void requireFinite(double loss, int step) {
    if (!Double.isFinite(loss)) {
      throw new UserError(
          "training diverged: the loss is " + loss + " at step " + step + "; lower --lr");
    }
  }

  /** Remembers a loss for the output. */
  void log(String name, double loss) {
    losses.computeIfAbsent(name, key -> new ArrayList<>()).add(loss);
  }

  private boolean isResuming() {
    return run.resume() && run.checkpoint().isPresent() && Files.exists(run.checkpoint().get());
  }

  /** Runs all steps, from the checkpoint where there is one. */
  void run(String stage, Step step, State methodState) {
    int first = isResuming() ? load(methodState) : 0;
    long lastSaved = System.nanoTime();
    for (int i = first; i < settings.steps(); i++) {
      run.progress().progress(stage, i, settings.steps());
      step.run(i);
      boolean stop = run.cancelled().getAsBoolean();
      if (stop || System.nanoTime() - lastSaved > CHECKPOINT_NANOS) {
        save(i + 1, methodState);
        lastSaved = System.nanoTime();
      }
      if (stop) {
        throw new ErasureRun.Cancelled(i + 1);
      }
    }
    run.progress().progress(stage, settings.steps(), settings.steps());
  }

  private void save(int nextStep, State methodState) {
    Path file = run.checkpoint().orElse(null);
    if (file == null) {
      return;
    }
    TrainingState state = new TrainingState();
    state.putLongs("step", nextStep, passes(), fillPasses);
    for (Parameter parameter : optimizer.parameters()) {
      state.putFloats("weight." + parameter.name(), parameter.data().floats());
    }
    optimizer.state().forEach((name, array) -> state.putFloats("adam." + name, array));
    losses.forEach(
        (name, values) ->
            state.putDoubles(
                "loss." + name, values.stream().mapToDouble(Double::doubleValue).toArray()));
    methodState.save(state);
    random.save(state);
    state.write(file, run.fingerprint());
  }

  private int load(State methodState) {
    TrainingState state =
        TrainingState.read(run.checkpoint().orElseThrow(), run.fingerprint());
    for (Parameter parameter : optimizer.parameters()) {
      state.restore("weight." + parameter.name(), parameter.data().floats());
    }
    optimizer.state().forEach((name, array) -> state.restore("adam." + name, array));
    for (String name : state.names("loss.")) {
      for (double value : state.doubles("loss." + name)) {
        log(name, value);
      }
    }
    methodState.load(state);
    random.load(state);
    long[] counts = state.longs("step");
    optimizer.setSteps((int) counts[0]);
    earlierPasses = counts[1];
    fillPasses = counts[2];
    return (int) counts[0];
  }

  /** Single-sample passes so far, those before a resume included. */
  long passes() {
    return earlierPasses + frozen.passes() + student.passes() + trainedPasses;
  }

  long fillPasses() {
    return fillPasses;
  }

  Map<String, List<Double>> losses() {
    return losses;
  }

  long peakBytes() {
    return Math.max(scope.peakBytes(), Math.max(frozen.peakBytes(), student.peakBytes()));
  }

  /** The trained masters by name. */
  Map<String, float[]> weights() {
    Map<String, float[]> result = new LinkedHashMap<>();
    for (Parameter parameter : optimizer.parameters()) {
      result.put(parameter.name(), parameter.data().floats());
    }
    if (result.isEmpty()) {
      throw new LetheException("nothing was trained");
    }
    return result;
  }

  @Override
  public void close() {
    scope.close();
    frozen.close();
    student.close();
  }
}
