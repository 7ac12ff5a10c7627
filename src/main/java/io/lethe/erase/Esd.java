// ESD: erase a concept by negative guidance distilled into the weights.
package io.lethe.erase;

import io.lethe.evaluate.PromptForms;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Erasing Concepts from Diffusion Models (Gandikota et al., ICCV 2023).
 *
 * <pre>
 * repeat:
 *   c  = a concept, z = a latent under c, denoised by the student to timestep t
 *   target = e(z, t, "") - eta (e(z, t, c) - e(z, t, ""))          of the frozen model
 *   step on mean((e'(z, t, c) - target)^2)                         of the student
 * </pre>
 *
 * The current code of the authors anchors at the concept instead: {@code e(c) - eta (e(c) -
 * e(""))}, which at eta 2 is the classic form at eta 1, and samples latents with the frozen model.
 * {@code eraseFrom} takes a concept out of another prompt f: {@code e(f) - eta (e(c) - e(""))},
 * trained under f.
 */
public final class Esd implements ErasureMethod {
  /**
   * Settings.
   *
   * @param current the authors' current form rather than the classic one
   * @param forms in which the concept is trained; the papers train the bare word
   */
  public record Settings(TrainingSettings training, boolean current, PromptForms forms) {}

  private final Settings settings;

  public Esd(Settings settings) {
    this.settings = settings;
  }

  /** The paper's defaults for models of its size, and sound ones for small models. */
  public static MethodChoice defaults() {
    return MethodChoice.named("esd");
  }

  @Override
  public String name() {
    return "esd";
  }

  @Override
  public String paper() {
    return "Gandikota et al., Erasing Concepts from Diffusion Models, ICCV 2023";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("settings", settings.toString());
  }

  @Override
  public long estimatePasses(ErasureRun run) {
    return PassEstimate.ofConcepts(settings.training(), run.request().concepts().size());
  }

  @Override
  public ErasedModel erase(ErasureRun run) {
    TrainingSettings training = settings.training();
    ErasureRequest request = run.request();
    try (UnetStudent student = new UnetStudent(run, training)) {
      ErasedConcepts concepts = new ErasedConcepts(request, settings.forms(), student);
      LatentSource latents = concepts.latents(training.trajectories());
      double eta = training.negativeGuidance();
      ErasureProgress progress =
          new ErasureProgress(settings.current() ? eta : 1 + eta, training.until());
      student
          .loop()
          .run(
              "erasing",
              step -> {
                int concept = concepts.choose();
                LatentBatch z =
                    latents.take(concepts.repeat(concept, training.batch()), student.sampling());
                List<float[]> prompts = concepts.prompts(concept, z.size());
                float[] target = target(student, concepts, concept, z, prompts);
                double[] weights = new double[z.size()];
                for (int i = 0; i < weights.length; i++) {
                  weights[i] = student.weight(z.timesteps()[i]);
                }
                double[] errors =
                    student.descend(z.latents(), z.timesteps(), prompts, target, weights, step);
                progress.add(mean(errors), student.conceptGap());
                student.loop().log("erase", mean(errors));
                student.loop().log("progress", progress.value());
                latents.advance(z, training.advance(), student.sampling());
                return !progress.isReached();
              },
              new TrainingLoop.State() {
                @Override
                public void save(TrainingState state) {
                  latents.save("latents", state);
                  progress.save(state);
                }

                @Override
                public void load(TrainingState state) {
                  latents.load("latents", state);
                  progress.load(state);
                }
              });
      return new ErasedModel(
          Map.of("unet", student.loop().weights()),
          student.loop().losses(),
          Map.of(),
          Map.of(),
          student.passes(),
          student.loop().fillPasses(),
          student.peakBytes(),
          List.of());
    }
  }

  private float[] target(
      UnetStudent student,
      ErasedConcepts concepts,
      int concept,
      LatentBatch z,
      List<float[]> prompts) {
    List<float[]> empty = Collections.nCopies(z.size(), student.contexts().get(""));
    if (concepts.erasesFrom(concept)) {
      // e(f) - eta (e(c) - e("")), trained under f
      return student.targets(z, prompts, concepts.bare(concept, z.size()), empty);
    }
    if (settings.current()) {
      // e(c) - eta (e(c) - e(""))
      return student.targets(z, prompts, prompts, empty);
    }
    return student.targets(z, empty, prompts, empty);
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
