// Targets and losses of the UNet's erasers, against what the papers' formulas say of them.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.weightstools.SyntheticWeights;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class UnetStudentTest {
  private static EmojiModel emoji;

  @BeforeAll
  static void open() {
    emoji = new EmojiModel(2);
  }

  @AfterAll
  static void close() {
    emoji.close();
  }

  private static UnetStudent student(double eta, Weighting weighting, boolean legacy) {
    TrainingSettings settings =
        new TrainingSettings(
            Selector.X,
            4,
            0,
            2,
            1e-3,
            LearningRate.CONSTANT,
            weighting,
            eta,
            3,
            50,
            !legacy,
            2,
            1,
            false,
            legacy);
    return new UnetStudent(emoji.run(EmojiModel.request(0, "lion")), settings);
  }

  private static LatentBatch batch() {
    float[] latents = SyntheticWeights.signal("student.latents", 2, 256, 4);
    return new LatentBatch(latents, new double[] {401, 801}, new int[2], new int[] {-1, -1});
  }

  private static List<float[]> twice(UnetStudent student, String prompt) {
    return Collections.nCopies(2, student.contexts().get(prompt));
  }

  private static float[] predict(UnetStudent student, String prompt) {
    LatentBatch z = batch();
    return student.frozen().predict(z.latents(), z.timesteps(), twice(student, prompt));
  }

  /** Specs, ESD (f) 1: {@code e_c - 2 (e_c - e_0) = e_0 - 1 (e_c - e_0)}. */
  @Test
  void theCurrentFormAtEtaTwoIsTheClassicOneAtEtaOne() {
    try (UnetStudent classic = student(1, Weighting.NONE, false);
        UnetStudent current = student(2, Weighting.NONE, false)) {
      List<float[]> empty = twice(classic, "");
      List<float[]> lion = twice(classic, "lion");
      float[] one = classic.targets(batch(), empty, lion, empty);
      float[] two = current.targets(batch(), lion, lion, empty);
      assertArrayEquals(one, two, 2e-5f);
    }
  }

  @Test
  void takingAConceptOutOfAnotherPromptAnchorsThere() {
    try (UnetStudent student = student(1.5, Weighting.NONE, false)) {
      float[] from = predict(student, "an emoji of a castle");
      float[] concept = predict(student, "lion");
      float[] empty = predict(student, "");
      float[] target =
          student.targets(
              batch(),
              twice(student, "an emoji of a castle"),
              twice(student, "lion"),
              twice(student, ""));
      for (int i = 0; i < target.length; i++) {
        assertEquals(from[i] - 1.5 * (concept[i] - empty[i]), target[i], 2e-5);
      }
    }
  }

  /** Specs, EAP (b): at the start L_erase = (1 + eta)^2 MSE(e_n, e_0), L_keep = 0, no search. */
  @Test
  void theLossesOfAnUntrainedStudentAreKnown() {
    double eta = 1;
    try (UnetStudent student = student(eta, Weighting.X0, false)) {
      LatentBatch z = batch();
      List<float[]> empty = twice(student, "");
      List<float[]> lion = twice(student, "lion");
      List<float[]> bear = twice(student, "bear");
      float[] target = student.targets(z, empty, lion, empty);
      float[] kept = predict(student, "bear");

      double[] ascent = {-student.weight(401), -student.weight(801)};
      for (float[] gradient : student.contextGradients(z, bear, kept, ascent, 0)) {
        for (float value : gradient) {
          assertEquals(0, value, 1e-6, "nothing is damaged yet");
        }
      }

      double[] erase =
          student.descend(z.latents(), z.timesteps(), lion, target, new double[] {1, 1}, 0);
      float[] noise = predict(student, "");
      float[] concept = predict(student, "lion");
      int size = noise.length / 2;
      for (int n = 0; n < 2; n++) {
        double mean = 0;
        for (int i = n * size; i < (n + 1) * size; i++) {
          mean += Math.pow((double) concept[i] - noise[i], 2) / size;
        }
        assertEquals((1 + eta) * (1 + eta) * mean, erase[n], 1e-5 * erase[n], "sample " + n);
      }
    }
    try (UnetStudent student = student(eta, Weighting.X0, false)) {
      LatentBatch z = batch();
      float[] kept = predict(student, "bear");
      double[] keep =
          student.descend(
              z.latents(), z.timesteps(), twice(student, "bear"), kept, new double[] {1, 1}, 0);
      assertTrue(keep[0] <= 1e-11 && keep[1] <= 1e-11, "L_keep is " + Arrays.toString(keep));
    }
  }

  @Test
  void anUpdateMovesTheStudentAndNotTheFrozenModel() {
    try (UnetStudent student = student(1, Weighting.NONE, false)) {
      LatentBatch z = batch();
      List<float[]> lion = twice(student, "lion");
      float[] before = predict(student, "lion");
      float[] target = student.targets(z, twice(student, ""), lion, twice(student, ""));
      assertArrayEquals(before, student.student().predict(z.latents(), z.timesteps(), lion), 1e-6f);
      double[] first =
          student.descend(z.latents(), z.timesteps(), lion, target, new double[] {1, 1}, 0);
      assertArrayEquals(before, predict(student, "lion"));
      // Sampling and the search see the new weights at once.
      float[] now = student.student().predict(z.latents(), z.timesteps(), lion);
      assertFalse(Arrays.equals(before, now));
      double[] second =
          student.descend(z.latents(), z.timesteps(), lion, target, new double[] {1, 1}, 1);
      assertTrue(second[0] + second[1] < first[0] + first[1], "the loss goes down");
      for (String name : student.loop().weights().keySet()) {
        assertTrue(name.contains(".attn2."), name);
      }
    }
  }

  @Test
  void searchingMovesNoWeight() {
    try (UnetStudent student = student(1, Weighting.NONE, false)) {
      LatentBatch z = batch();
      float[] target = predict(student, "castle");
      double[] ascent = {-1, -1};
      float[] norms = new float[2];
      List<float[]> gradients =
          student.contextGradients(z, twice(student, "bear"), target, ascent, 0);
      for (int n = 0; n < 2; n++) {
        for (float value : gradients.get(n)) {
          norms[n] += value * value;
        }
        assertTrue(norms[n] > 0, "a wrong target has a gradient");
      }
      student
          .loop()
          .parameters()
          .forEach(parameter -> {
            for (float value : parameter.gradient().floats()) {
              assertEquals(0f, value, parameter.name());
            }
          });
    }
  }

  /** In legacy runs the timestep is drawn within its level's stride; the weight is the level's. */
  @Test
  void aLegacyTimestepWeighsAsItsLevel() {
    try (UnetStudent student = student(1, Weighting.X0, true)) {
      double level = student.weight(821);
      for (int t = 820; t < 840; t++) {
        assertEquals(level, student.weight(t), "t = " + t);
      }
      assertTrue(student.weight(840) > level && student.weight(819) < level);
    }
  }
}
