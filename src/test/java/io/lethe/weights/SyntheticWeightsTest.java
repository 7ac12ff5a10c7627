// Synthetic weights follow the rule that the golden data were made by.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weightstools.SyntheticWeights;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticWeightsTest {
  @TempDir Path folder;

  @Test
  void theCheckValuesOfTheRule() {
    long hash = SyntheticWeights.hash("conv_in.weight");
    assertEquals(0x1ce69906bdc574a7L, hash);
    double[] expected = {0.14250004, 0.76652908, -0.819942, -0.39537549};
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], SyntheticWeights.uniform(hash, i), 1e-8);
    }
  }

  @Test
  void theSignalIsTheSamplersStart() {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensorsFile golden =
          SafeTensorsFile.open(TestFiles.golden("optimizers.safetensors"), arena);
      float[] start = SyntheticWeights.signal("opt.p", 6, 10);
      assertEquals(60, start.length);
      // no step of sgd_m moves a parameter far: the golden traces begin at this signal
      TensorView trace =
          golden.tensors().values().stream()
              .filter(view -> view.name().startsWith("adamw"))
              .findFirst()
              .orElseThrow();
      float[] after = trace.toFloats();
      for (int i = 0; i < 60; i++) {
        assertEquals(start[i], after[i], 0.05);
      }
    }
  }

  @Test
  void scalesFollowRankAndName() {
    assertScale("x.weight", Shape.of(2, 3, 2, 2), 0, Math.sqrt(3.0 / 12));
    assertScale(
        "text_model.embeddings.token_embedding.weight", Shape.of(4, 5), 0, 0.02 * Math.sqrt(3));
    assertScale(
        "vision_model.embeddings.patch_embedding.weight",
        Shape.of(2, 3, 2, 2),
        0,
        0.02 * Math.sqrt(3));
    assertScale("time_embedding.linear_1.weight", Shape.of(4, 3), 0, 1);
    assertScale("norm.weight", Shape.of(7), 1, 0.1);
    assertScale("norm.bias", Shape.of(7), 0, 0.05);
    assertScale("vision_model.embeddings.class_embedding", Shape.of(7), 0, 1);
    assertScale("logit_scale", Shape.of(), 0, 1);
  }

  @Test
  void streamedAndWholeAreTheSame() {
    Shape shape = Shape.of(70_000, 2);
    Path file = folder.resolve("w.safetensors");
    SafeTensorsWriter.write(file, List.of(SyntheticWeights.entry("w", DType.F32, shape)));
    try (Arena arena = Arena.ofConfined()) {
      assertArrayEquals(
          SyntheticWeights.weights("w", shape),
          SafeTensorsFile.open(file, arena).tensor("w").toFloats());
    }
  }

  private static void assertScale(String name, Shape shape, double offset, double scale) {
    float[] values = SyntheticWeights.weights(name, shape);
    for (int i = 0; i < values.length; i++) {
      double v = SyntheticWeights.uniform(SyntheticWeights.hash(name), i);
      assertEquals((float) (offset + scale * v), values[i], 1e-7, name);
    }
  }
}
