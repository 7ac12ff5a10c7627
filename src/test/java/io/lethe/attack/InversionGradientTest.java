// The gradient of the attack's loss by what it learns, against finite differences in double.
package io.lethe.attack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.reference.Reference;
import io.lethe.diffusion.TextContexts;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.model.clip.ClipTowerConfig;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.model.unet.UNetConfig;
import io.lethe.nn.ParameterStore;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import io.lethe.trace.Golden;
import io.lethe.weights.ComponentConfig;
import io.lethe.weights.TensorView;
import io.lethe.weightstools.SyntheticWeights;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * On mini-sd1 with synthetic weights: through the UNet and the text encoder for a word that stands
 * once in one prompt and twice in the other, through the UNet alone for a context. Directions are
 * the gradient's own and some that have nothing to do with it.
 */
final class InversionGradientTest {
  private static final int SIDE = 8;
  private static final double STEP = 1e-4;
  private static final double TOLERANCE = 1e-6;
  private static final double[] TIMESTEPS = {120, 700};
  private static final double[] WEIGHTS = {0.75, 0.5};

  private final Reference backend = new Reference();
  private final UNet2DConditionModel unet =
      new UNet2DConditionModel(UNetConfig.from(config("unet")), store());
  private final ClipTextModel textEncoder =
      new ClipTextModel(ClipTowerConfig.text(config("text_encoder")), store());

  @Test
  void ofAWord() {
    LearnedWord word =
        new LearnedWord(backend, textEncoder, null, List.of(prompt(2), prompt(3, 5)));
    check(word, SyntheticWeights.signal("word", word.shape().extents()), 0.05);
  }

  @Test
  void ofAContext() {
    LearnedContext context = new LearnedContext(new TextContexts(backend, null, textEncoder));
    check(context, SyntheticWeights.signal("context", context.shape().extents()), 1);
  }

  private void check(LearnedEmbedding embedding, float[] signal, double scale) {
    double[] at = new double[signal.length];
    for (int i = 0; i < at.length; i++) {
      at[i] = scale * signal[i];
    }
    double[] gradient = gradient(embedding, at);
    double norm = norm(gradient);
    assertTrue(norm > 1e-6, "a gradient of " + norm + " proves nothing");
    for (int direction = 0; direction < 3; direction++) {
      double[] along = direction == 0 ? gradient : signal("direction" + direction, at.length);
      double length = norm(along);
      double expected =
          (8
                      * (loss(embedding, at, along, STEP / length)
                          - loss(embedding, at, along, -STEP / length))
                  - loss(embedding, at, along, 2 * STEP / length)
                  + loss(embedding, at, along, -2 * STEP / length))
              / (12 * STEP);
      double actual = 0;
      for (int i = 0; i < at.length; i++) {
        actual += gradient[i] * along[i] / length;
      }
      double error = Math.abs(actual - expected);
      if (!(error <= TOLERANCE * norm)) {
        throw new AssertionError(
            "direction %d: %.12g, by differences %.12g, norm %.3g"
                .formatted(direction, actual, expected, norm));
      }
    }
  }

  private double[] gradient(LearnedEmbedding embedding, double[] at) {
    try (Scope scope = Scope.root("gradient", DType.F64)) {
      Tape tape = Tape.recording(backend, scope);
      Tensor zero = Tensor.of("gradient", embedding.shape(), new double[at.length]);
      Value learned = Value.leaf(Tensor.of("learned", embedding.shape(), at.clone()), zero);
      tape.backward(loss(tape, embedding, learned));
      return zero.doubles();
    }
  }

  private double loss(LearnedEmbedding embedding, double[] at, double[] along, double step) {
    double[] moved = at.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += step * along[i];
    }
    try (Scope scope = Scope.root("loss", DType.F64)) {
      Value learned = Value.constant(Tensor.of("learned", embedding.shape(), moved));
      return loss(Tape.noGrad(backend, scope), embedding, learned).scalar();
    }
  }

  private Value loss(Tape tape, LearnedEmbedding embedding, Value learned) {
    int channels = unet.config().inChannels();
    Shape shape = Shape.of(TIMESTEPS.length, SIDE * SIDE, channels);
    return Inversion.loss(
        tape,
        unet,
        SIDE,
        embedding.contexts(tape, learned, new int[] {0, 1}),
        Tensor.of("noisy", shape, signal("noisy", shape.size())),
        TIMESTEPS,
        Tensor.of("target", shape, signal("target", shape.size())),
        WEIGHTS);
  }

  private static double[] signal(String name, int size) {
    float[] narrow = SyntheticWeights.signal(name, size);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = narrow[i];
    }
    return values;
  }

  private static double norm(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  /** Begin, some words with the new one at two places or one, end, padding. */
  private PlaceholderPrompt prompt(int... positions) {
    int[] ids = new int[textEncoder.config().maxPositionEmbeddings()];
    Arrays.fill(ids, 49407);
    ids[0] = 49406;
    for (int t = 1; t < 7; t++) {
      ids[t] = 320 + 7 * t;
    }
    return new PlaceholderPrompt(ids, positions);
  }

  private static ParameterStore store() {
    Map<String, TensorView> made = new HashMap<>();
    return new ParameterStore(
        DType.F64,
        (name, shape) ->
            made.computeIfAbsent(
                name, n -> Golden.view(n, shape, SyntheticWeights.weights(n, shape))));
  }

  private static ComponentConfig config(String component) {
    return ComponentConfig.read(
        Golden.FOLDER.resolve("configs/mini-sd1/" + component + "/config.json"));
  }
}
