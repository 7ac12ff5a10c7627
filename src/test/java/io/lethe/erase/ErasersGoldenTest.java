// The steps of ESD, EAP and few-shot unlearning agree with the original implementations.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.DiffusionModel;
import io.lethe.diffusion.Layout;
import io.lethe.diffusion.ProgressListener;
import io.lethe.model.clip.ClipTextModel;
import io.lethe.nn.Parameter;
import io.lethe.nn.optim.Adam;
import io.lethe.tensor.DType;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.trace.Golden;
import io.lethe.trace.TraceOutput;
import io.lethe.weights.TensorView;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * On the bundled model and the golden data's own latents, with the classes that a run uses. Losses
 * within 1e-5, gradients within 1e-4, parameters after three steps within 1e-4 of their change.
 */
final class ErasersGoldenTest {
  private static final Path MODEL = Path.of("src/main/models/emoji-sd");
  private static final String CONCEPT = "lion";
  private static final List<String> VOCABULARY =
      List.of(
          "monkey face",
          "gorilla",
          "dog face",
          "dog",
          "poodle",
          "wolf",
          "fox",
          "raccoon",
          "cat face",
          "cat",
          "black cat",
          "tiger face",
          "tiger",
          "leopard",
          "horse face",
          "horse",
          "unicorn",
          "zebra",
          "deer",
          "cow face",
          "cow",
          "pig face",
          "pig",
          "boar");

  private final Arena arena = Arena.ofConfined();
  private final Cpu backend = new Cpu();
  private DiffusionModel model;
  private Golden golden;
  private double[] timesteps;

  @BeforeEach
  void open() {
    model = DiffusionModel.open(MODEL, DType.F32);
    golden = new Golden("emoji-sd.safetensors", arena);
    timesteps = numbers("step.timesteps");
  }

  @AfterEach
  void close() {
    model.close();
    backend.close();
    arena.close();
  }

  private double[] numbers(String name) {
    return Arrays.stream(golden.get(name).toLongs()).asDoubleStream().toArray();
  }

  /** A latent of the golden data as Lethe holds it. */
  private float[] latent(String name) {
    TensorView view = golden.get(name);
    Shape s = view.shape();
    return Layout.toChannelsLast(view.toFloats(), s.dim(0), s.dim(1), s.dim(2), s.dim(3));
  }

  private UnetStudent student() {
    ErasureRequest request =
        new ErasureRequest(List.of(CONCEPT), List.of(), List.of(), new Vocabulary(VOCABULARY), 0);
    ErasureRun run =
        new ErasureRun(
            backend,
            model,
            request,
            ProgressListener.silent(),
            Optional.empty(),
            false,
            () -> "",
            () -> false);
    TrainingSettings settings =
        new TrainingSettings(
            Selector.X,
            4,
            0,
            2,
            1e-3,
            LearningRate.CONSTANT,
            Weighting.X0,
            1,
            3,
            50,
            true,
            2,
            1,
            false,
            false);
    return new UnetStudent(run, settings);
  }

  private static List<float[]> twice(float[] context) {
    return Collections.nCopies(2, context);
  }

  private LatentBatch batch(String latent) {
    return new LatentBatch(latent(latent), timesteps, new int[2], new int[] {-1, -1});
  }

  private float[] esdTarget(UnetStudent student) {
    List<float[]> empty = twice(student.contexts().get(""));
    List<float[]> concept = twice(student.contexts().get(CONCEPT));
    return student.targets(batch("step.latent"), empty, concept, empty);
  }

  /** One step of ESD on the golden latents. Returns the loss. */
  private double esdStep(UnetStudent student, float[] target, int step) {
    List<float[]> concept = twice(student.contexts().get(CONCEPT));
    return Esd.mean(
        student.descend(
            latent("step.latent"), timesteps, concept, target, new double[] {1, 1}, step));
  }

  private void compareLoss(String name, double loss) {
    double expected = golden.get(name).toDoubles()[0];
    double error = Math.abs(loss - expected) / Math.abs(expected);
    assertTrue(error <= Golden.FORWARD, name + ": " + loss + ", not " + expected);
  }

  private static Map<String, TraceOutput> gradients(String component, List<Parameter> trained) {
    Map<String, TraceOutput> gradients = new LinkedHashMap<>();
    for (Parameter parameter : trained) {
      gradients.put(
          component + ".grad." + parameter.name(),
          new TraceOutput(parameter.data().shape(), parameter.gradient().floats().clone()));
    }
    return gradients;
  }

  private static Map<String, float[]> copy(Map<String, float[]> weights) {
    Map<String, float[]> copies = new LinkedHashMap<>();
    weights.forEach((name, values) -> copies.put(name, values.clone()));
    return copies;
  }

  @Test
  void threeStepsOfEsd() {
    try (UnetStudent student = student()) {
      float[] target = esdTarget(student);
      golden.compare("esd.target", Layout.toChannelsFirst(target, 2, 4, 16, 16), Golden.FORWARD);
      Map<String, float[]> before = copy(student.loop().weights());
      for (int step = 0; step < 3; step++) {
        compareLoss("esd.loss." + step, esdStep(student, target, step));
        if (step == 0) {
          golden.compareGradients(
              "esd", gradients("esd", student.loop().parameters()), new int[0][]);
        }
      }
      golden.compareSteps("esd", before, student.loop().weights());
    }
  }

  /** On the student that the three steps of ESD left: a search step, then a weight step. */
  @Test
  void theNextStepsOfEap() {
    try (UnetStudent student = student()) {
      float[] target = esdTarget(student);
      for (int step = 0; step < 3; step++) {
        esdStep(student, target, step);
      }
      AdversarialSearch search = new AdversarialSearch(VOCABULARY.size(), 2, 1e-2);
      AdversarialSearch.Draw draw = search.draw(golden.get("eap.gumbel").toDoubles());
      assertEquals(golden.get("eap.index").toLongs()[0], draw.index(), "the word that is drawn");
      List<float[]> adversaries = twice(student.contexts().get(VOCABULARY.get(draw.index())));
      LatentBatch za = batch("eap.latent_adversarial");
      float[] keepTarget = student.frozen().predict(za.latents(), za.timesteps(), adversaries);
      float[] searched = searchGradient(student, search, draw, za, adversaries, keepTarget);
      golden.compare("eap.grad.pi", searched, Golden.GRADIENT);
      weightStep(student, target, za, adversaries, keepTarget);
      Map<String, TraceOutput> gradients = gradients("eap", student.loop().parameters());
      gradients.put("eap.grad.pi", new TraceOutput(Shape.of(searched.length), searched));
      golden.compareGradients("eap", gradients, new int[0][]);
    }
  }

  private double weight(UnetStudent student, int sample) {
    double alpha = model.schedule().alphaCumprod((int) timesteps[sample]);
    assertEquals((1 - alpha) / alpha, student.weight(timesteps[sample]), 1e-12);
    return student.weight(timesteps[sample]);
  }

  private float[] searchGradient(
      UnetStudent student,
      AdversarialSearch search,
      AdversarialSearch.Draw draw,
      LatentBatch za,
      List<float[]> adversaries,
      float[] keepTarget) {
    float[][] contexts = new float[VOCABULARY.size()][];
    for (int i = 0; i < contexts.length; i++) {
      contexts[i] = student.contexts().get(VOCABULARY.get(i));
    }
    double[] ascent = {-weight(student, 0), -weight(student, 1)};
    float[] sum = new float[contexts.length];
    for (float[] gradient : student.contextGradients(za, adversaries, keepTarget, ascent, 3)) {
      double[] one = search.gradient(draw, gradient, contexts);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += (float) one[i];
      }
    }
    return sum;
  }

  /** Two samples of each kind in one batch, as the method makes it: the sum of two means. */
  private void weightStep(
      UnetStudent student,
      float[] target,
      LatentBatch za,
      List<float[]> adversaries,
      float[] keepTarget) {
    List<float[]> conditions = new ArrayList<>(twice(student.contexts().get(CONCEPT)));
    conditions.addAll(adversaries);
    double[] weights = new double[4];
    double[] at = new double[4];
    for (int i = 0; i < 4; i++) {
      weights[i] = 2 * weight(student, i % 2);
      at[i] = timesteps[i % 2];
    }
    float[] latents = joined(latent("step.latent"), za.latents());
    double[] errors =
        student.descend(latents, at, conditions, joined(target, keepTarget), weights, 3);
    compareLoss("eap.loss.erase", (weights[0] * errors[0] + weights[1] * errors[1]) / 4);
    compareLoss("eap.loss.keep", (weights[2] * errors[2] + weights[3] * errors[3]) / 4);
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void threeStepsOfFewShotUnlearning() {
    List<String> prompts =
        List.of("a photo of a cactus", "a rendition of the cactus", "a photo of my cactus");
    ClipTextModel frozen = model.textEncoder();
    ClipTextModel student =
        new ClipTextModel(
            frozen.config(),
            frozen
                .parameters()
                .fork(TextSelector.ALL.predicate(frozen.config().numHiddenLayers())));
    Adam optimizer = FewShot.optimizer(1e-4, student.parameters());
    Map<String, float[]> weights = new LinkedHashMap<>();
    optimizer.parameters().forEach(each -> weights.put(each.name(), each.data().floats()));
    Map<String, float[]> before = copy(weights);

    double[] at = numbers("fewshot.timesteps");
    float[] clean = latent("fewshot.latent");
    float[] noise = latent("fewshot.noise");
    int size = clean.length / at.length;
    float[] noisy = new float[clean.length];
    int[][] ids = new int[at.length][];
    for (int i = 0; i < at.length; i++) {
      float[] one =
          model
              .schedule()
              .addNoise(
                  Arrays.copyOfRange(clean, i * size, (i + 1) * size),
                  Arrays.copyOfRange(noise, i * size, (i + 1) * size),
                  (int) at[i]);
      System.arraycopy(one, 0, noisy, i * size, size);
      ids[i] = model.tokenizer().encode(prompts.get(i)).ids();
    }
    for (int step = 0; step < 3; step++) {
      try (Scope scope = Scope.root("few-shot", DType.F32)) {
        Tape tape = Tape.recording(backend, scope);
        Value loss = FewShot.loss(tape, model, student, 16, noisy, at, ids, noise).retain();
        optimizer.zeroGradients();
        tape.backward(loss);
        compareLoss("fewshot.loss." + step, loss.scalar());
        if (step == 0) {
          golden.compareGradients("fewshot", gradients("fewshot", optimizer.parameters()), ids);
        }
        optimizer.step();
      }
    }
    golden.compareSteps("fewshot", before, weights);
  }
}
