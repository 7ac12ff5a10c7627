// The search of one restart: gradient descent on an embedding, everything else frozen.
package io.lethe.attack;

import io.lethe.UserError;
import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.MeanSquaredError;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Layout;
import io.lethe.diffusion.NoiseSchedule;
import io.lethe.diffusion.RandomStreams;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.nn.Parameter;
import io.lethe.nn.optim.Adam;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * <pre>
 * each step, for each sample of the batch:
 *   x a picture of the concept, p a prompt form, t ~ U{0..T-1}, e ~ N(0, I)
 *   z_t = sqrt(A_t) z + sqrt(1 - A_t) e
 * step by AdamW on  mean (eps(z_t, t, c(p, v)) - e)^2   by v alone
 * </pre>
 *
 * The tape records only what lies between v and the loss: no weight has a gradient.
 */
final class Inversion implements AutoCloseable {
  /** Latent positions of one pass at most; a larger batch is summed over several. */
  private static final int CHUNK_POSITIONS = 4096;

  private static final double DECAY = 1e-2;

  private final AttackRun run;
  private final TextualInversion.Settings settings;
  private final LearnedEmbedding embedding;
  private final List<float[]> latents;
  private final RandomStreams random;
  private final String prefix;
  private final Scope scope;

  /**
   * @param embedding over the training captions
   * @param latents of the concept's pictures, {@code [h*w, c]} each
   * @param restart from 0; names the random streams
   */
  Inversion(
      AttackRun run,
      TextualInversion.Settings settings,
      LearnedEmbedding embedding,
      List<float[]> latents,
      RandomStreams random,
      int restart) {
    this.run = run;
    this.settings = settings;
    this.embedding = embedding;
    this.latents = latents;
    this.random = random;
    this.prefix = "restart." + restart + ".";
    this.scope = Scope.root("inversion", run.backend().computeType());
  }

  /**
   * Learns in place.
   *
   * @param values the start, moved to where the search ends
   * @return the loss of each step, before its update
   */
  double[] learn(String stage, float[] values) {
    Parameter learned = Parameter.learned("embedding", embedding.shape(), values);
    Adam optimizer = new Adam(Adam.Config.adamW(settings.learningRate(), DECAY), List.of(learned));
    double[] losses = new double[settings.steps()];
    for (int step = 0; step < losses.length; step++) {
      run.heeding().progress(stage, step, losses.length);
      optimizer.zeroGradients();
      losses[step] = accumulate(learned);
      if (!Double.isFinite(losses[step])) {
        throw new UserError(
            "the attack diverged: the loss is %s at step %d; lower --lr"
                .formatted(losses[step], step));
      }
      optimizer.setLearningRate(settings.learningRate() * cosine(step));
      optimizer.step();
    }
    run.progress().progress(stage, losses.length, losses.length);
    return losses;
  }

  /** Half a cosine from 1 to 0: the noise of single batches is averaged out at the end. */
  private double cosine(int step) {
    return 0.5 * (1 + Math.cos(Math.PI * step / settings.steps()));
  }

  /** Adds the gradient of one batch. Returns the loss. */
  private double accumulate(Parameter learned) {
    int side = run.latentSide();
    int chunk = Math.max(1, CHUNK_POSITIONS / (side * side));
    double loss = 0;
    for (int from = 0; from < settings.batch(); from += chunk) {
      loss += accumulate(learned, Math.min(chunk, settings.batch() - from));
    }
    return loss;
  }

  private double accumulate(Parameter learned, int count) {
    DiffusionModel model = run.model();
    NoiseSchedule schedule = model.schedule();
    int side = run.latentSide();
    int channels = model.unet().config().inChannels();
    int size = side * side * channels;
    float[] noisy = new float[count * size];
    float[] target = new float[count * size];
    double[] timesteps = new double[count];
    double[] weights = new double[count];
    int[] forms = new int[count];
    Arrays.fill(weights, (double) count / settings.batch());
    for (int n = 0; n < count; n++) {
      float[] clean = latents.get(random.below(prefix + "picture", latents.size()));
      forms[n] = random.below(prefix + "caption", settings.captions().count());
      int t = random.below(prefix + "timestep", schedule.trainSteps());
      float[] drawn = random.stream(prefix + "noise").randn(size);
      float[] noise = Layout.toChannelsLast(drawn, 1, channels, side, side);
      timesteps[n] = t;
      System.arraycopy(schedule.addNoise(clean, noise, t), 0, noisy, n * size, size);
      System.arraycopy(schedule.target(clean, noise, t), 0, target, n * size, size);
    }
    Shape shape = Shape.of(count, (long) side * side, channels);
    try (Scope step = scope.child("step")) {
      Tape tape = Tape.recording(run.backend(), step);
      Value loss =
          loss(
                  tape,
                  model.unet(),
                  side,
                  embedding.contexts(tape, learned.value(), forms),
                  Tensor.of("noisy", shape, noisy),
                  timesteps,
                  Tensor.of("target", shape, target),
                  weights)
              .retain();
      tape.backward(loss);
      return loss.scalar();
    }
  }

  /**
   * The denoising loss under some contexts: {@code mean_n w[n] mean (eps(z_t, t, c) - target)^2}.
   *
   * @param noisy {@code [n, h*w, c]}
   */
  static Value loss(
      Tape tape,
      UNet2DConditionModel unet,
      int side,
      Value contexts,
      Tensor noisy,
      double[] timesteps,
      Tensor target,
      double[] weights) {
    Value predicted = unet.forward(tape, Value.constant(noisy), side, side, timesteps, contexts);
    return MeanSquaredError.apply(tape, predicted, target, weights);
  }

  /** The most compute memory in use at once, in bytes. */
  long peakBytes() {
    return scope.peakBytes();
  }

  @Override
  public void close() {
    scope.close();
  }
}
