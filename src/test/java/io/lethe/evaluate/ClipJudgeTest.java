// The judge against the original's scores of six pictures.
package io.lethe.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.lethe.UserError;
import io.lethe.backend.Backend;
import io.lethe.backend.cpu.Cpu;
import io.lethe.diffusion.Picture;
import io.lethe.weights.SafeTensorsFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClipJudgeTest {
  private static final Path JUDGE = Path.of("src/main/models/emoji-clip");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/emoji-sd.safetensors");
  private static final double TOLERANCE = 1e-5;
  private static final Backend BACKEND = new Cpu(2);

  @TempDir Path folder;

  private static void near(float[] actual, double[] expected, int from, String what) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow(actual[i] - expected[from + i], 2);
      norm += Math.pow(expected[from + i], 2);
    }
    if (!(Math.sqrt(difference) <= TOLERANCE * Math.sqrt(norm))) {
      fail(what + ": " + Math.sqrt(difference / norm));
    }
  }

  @Test
  void agreesWithTheOriginal() {
    try (Arena arena = Arena.ofShared()) {
      SafeTensorsFile golden = SafeTensorsFile.open(GOLDEN, arena);
      ClipJudge judge = ClipJudge.open(JUDGE, List.of(), BACKEND, arena);
      assertEquals(264, judge.labels().size());
      assertEquals(golden.tensor("judge.logit_scale").toDoubles()[0], judge.scale(), 1e-3);
      double[] texts = golden.tensor("judge.text_embeds").toDoubles();
      for (int label = 0; label < 264; label++) {
        near(judge.textEmbeddings()[label], texts, label * 128, judge.labels().get(label));
      }
      List<Picture> pictures = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        byte[] rgb = golden.tensor("pipe." + i + ".image").bytes().toArray(ValueLayout.JAVA_BYTE);
        pictures.add(new Picture(64, 64, rgb));
      }
      float[][] images = judge.imageEmbeddings(pictures);
      double[] wantedImages = golden.tensor("judge.image_embeds").toDoubles();
      double[] cosines = golden.tensor("judge.cosine").toDoubles();
      long[] best = golden.tensor("judge.top5").toLongs();
      List<Ranking> rankings = judge.rank(pictures);
      for (int i = 0; i < 6; i++) {
        near(images[i], wantedImages, i * 128, "picture " + i);
        near(rankings.get(i).likeness(), cosines, i * 264, "cosines of " + i);
        long[] wanted = Arrays.copyOfRange(best, i * 5, i * 5 + 5);
        assertArrayEquals(wanted, Arrays.stream(rankings.get(i).top(5)).asLongStream().toArray());
      }
    }
  }

  @Test
  void neighboursOfALionAreBeasts() {
    try (Arena arena = Arena.ofShared()) {
      List<String> labels = List.of("lion", "tiger face", "taxi", "guitar", "bear");
      ClipJudge judge = ClipJudge.open(JUDGE, labels, BACKEND, arena);
      Neighbours neighbours = Neighbours.of(judge, "lion", labels);
      assertEquals(List.of("bear", "tiger face"), neighbours.close(2).stream().sorted().toList());
      assertEquals(List.of("guitar", "taxi"), neighbours.far(2).stream().sorted().toList());
      assertEquals(4, neighbours.close(9).size());
      assertTrue(neighbours.far(9).isEmpty());
      assertThrows(UserError.class, () -> Neighbours.of(judge, "cactus", labels));
    }
  }

  @Test
  void mistakesAreNamed() {
    try (Arena arena = Arena.ofShared()) {
      assertThrows(UserError.class, () -> open(JUDGE, arena, "lion", "lion"));
      assertThrows(UserError.class, () -> open(JUDGE, arena, "lion"));
      assertThrows(UserError.class, () -> open(JUDGE, arena, "lion", "owl ".repeat(40)));
      assertThrows(UserError.class, () -> open(folder, arena, "lion", "owl"));
      Path noJudge = Path.of("src/main/models/emoji-sd");
      assertThrows(UserError.class, () -> open(noJudge, arena, "lion", "owl"));
    }
  }

  private static ClipJudge open(Path path, Arena arena, String... labels) {
    return ClipJudge.open(path, List.of(labels), BACKEND, arena);
  }
}
