// The loop that every training eraser shares: updates, losses, checkpoints, interruption.
package io.lethe.erase;

import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.diffusion.RandomStreams;
import io.lethe.nn.Parameter;
import io.lethe.nn.optim.Optimizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Runs a method's steps over one set of trained parameters. A run that is interrupted continues
 * from its checkpoint to the same bytes: weights, optimiser, random streams and the method's own
 * state are all there.
 */
final class TrainingLoop {
  /** One iteration of a method. */
  interface Step {
    /** Iteration {@code step} of {@code steps}, from 0. Returns whether to go on. */
    boolean run(int step);
  }

  /** What a method adds to the loop's own state. */
  interface State {
    void save(TrainingState state);

    void load(TrainingState state);
  }

  /** Time between checkpoints. When they are written changes nothing in the result. */
  private static final long CHECKPOINT_NANOS = 60_000_000_000L;

  /** What the names of the random streams begin with in a checkpoint. */
  private static final String STREAM = "random.";

  private final ErasureRun run;
  private final Optimizer optimizer;
  private final double learningRate;
  private final LearningRate schedule;
  private final int steps;
  private final RandomStreams random;
  private final Map<String, List<Double>> losses = new LinkedHashMap<>();
  private long passes;
  private long fillPasses;
  private LongSupplier elsewhere = () -> 0;

  TrainingLoop(
      ErasureRun run, Optimizer optimizer, double learningRate, LearningRate schedule, int steps) {
    this.run = run;
    this.optimizer = optimizer;
    this.learningRate = learningRate;
    this.schedule = schedule;
    this.steps = steps;
    this.random = new RandomStreams(run.request().seed());
  }

  RandomStreams random() {
    return random;
  }

  /** Remembers a loss for the output. */
  void log(String name, double loss) {
    losses.computeIfAbsent(name, key -> new ArrayList<>()).add(loss);
  }

  void countPasses(long count) {
    passes += count;
  }

  /** Passes that others count for this run, so that a checkpoint remembers them too. */
  void countElsewhere(LongSupplier count) {
    elsewhere = count;
  }

  void countFill(long count) {
    fillPasses += count;
  }

  /** Walks back from the loss and moves the parameters. */
  void update(Tape tape, Value loss, int step) {
    requireFinite(loss.scalar(), step);
    optimizer.setLearningRate(learningRate * schedule.factor(step, steps));
    optimizer.zeroGradients();
    tape.backward(loss);
    optimizer.step();
  }

  static void requireFinite(double loss, int step) {
    if (!Double.isFinite(loss)) {
      throw new UserError(
          "training diverged: the loss is " + loss + " at step " + step + "; lower --lr");
    }
  }

  /** Whether there is a checkpoint to continue from. */
  boolean isResuming() {
    return run.resume() && run.checkpoint().isPresent() && Files.exists(run.checkpoint().get());
  }

  /** Runs all steps, from the checkpoint where there is one. */
  void run(String stage, Step step, State methodState) {
    int first = isResuming() ? load(methodState) : 0;
    long lastSaved = System.nanoTime();
    for (int i = first; i < steps; i++) {
      run.progress().progress(stage, i, steps);
      if (!step.run(i)) {
        break;
      }
      boolean stop = run.cancelled().getAsBoolean();
      if (stop || System.nanoTime() - lastSaved > CHECKPOINT_NANOS) {
        save(i + 1, methodState);
        lastSaved = System.nanoTime();
      }
      if (stop) {
        throw new ErasureRun.Cancelled(i + 1);
      }
    }
    run.progress().progress(stage, steps, steps);
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
    optimizer.state().forEach((name, array) -> state.putFloats("optimizer." + name, array));
    losses.forEach((name, values) ->
        state.putDoubles(
            "loss." + name, values.stream().mapToDouble(Double::doubleValue).toArray()));
    methodState.save(state);
    random.states().forEach((name, bytes) -> state.putBytes(STREAM + name, bytes));
    state.write(file, run.fingerprint().get());
  }

  private int load(State methodState) {
    TrainingState state =
        TrainingState.read(run.checkpoint().orElseThrow(), run.fingerprint().get());
    for (Parameter parameter : optimizer.parameters()) {
      state.restore("weight." + parameter.name(), parameter.data().floats());
    }
    optimizer.state().forEach((name, array) -> state.restore("optimizer." + name, array));
    for (String name : state.names("loss.")) {
      for (double value : state.doubles("loss." + name)) {
        log(name, value);
      }
    }
    methodState.load(state);
    for (String name : state.names(STREAM)) {
      random.restore(name, state.bytes(STREAM + name));
    }
    long[] counts = state.longs("step");
    optimizer.setSteps((int) counts[0]);
    passes = counts[1] - elsewhere.getAsLong();
    fillPasses = counts[2];
    return (int) counts[0];
  }

  /** Single-sample passes of the whole run, those before a resume included. */
  long passes() {
    return passes + elsewhere.getAsLong();
  }

  long fillPasses() {
    return fillPasses;
  }

  Map<String, List<Double>> losses() {
    return losses;
  }

  /** What is trained. */
  List<Parameter> parameters() {
    return optimizer.parameters();
  }

  /** The trained masters by name. */
  Map<String, float[]> weights() {
    Map<String, float[]> result = new LinkedHashMap<>();
    for (Parameter parameter : optimizer.parameters()) {
      result.put(parameter.name(), parameter.data().floats());
    }
    return result;
  }
}
