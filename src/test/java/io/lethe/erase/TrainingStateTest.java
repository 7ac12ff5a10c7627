// The checkpoint of a run: every number comes back, and only to the run that it belongs to.
package io.lethe.erase;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingStateTest {
  private static final String SETTINGS = "esd steps=60 \"quoted\" é";

  @TempDir Path folder;

  private Path written() {
    Path file = folder.resolve("state.safetensors");
    TrainingState state = new TrainingState();
    state.putFloats("weight.conv_in.weight", new float[] {1.5f, -0f, Float.MIN_VALUE, 1e38f});
    state.putDoubles("loss.erase", new double[] {Math.PI, -1e300});
    state.putLongs("step", 17, Long.MAX_VALUE, Long.MIN_VALUE);
    state.putBytes("random.noise", new byte[] {0, -1, 127, -128, 3});
    state.putLongs("history.0");
    state.putDoubles("loss.none", new double[0]);
    state.write(file, SETTINGS);
    return file;
  }

  @Test
  void everyNumberComesBack() {
    TrainingState read = TrainingState.read(written(), SETTINGS);
    float[] weights = read.floats("weight.conv_in.weight");
    assertArrayEquals(new float[] {1.5f, -0f, Float.MIN_VALUE, 1e38f}, weights);
    assertArrayEquals(new double[] {Math.PI, -1e300}, read.doubles("loss.erase"));
    assertArrayEquals(new long[] {17, Long.MAX_VALUE, Long.MIN_VALUE}, read.longs("step"));
    assertArrayEquals(new byte[] {0, -1, 127, -128, 3}, read.bytes("random.noise"));
    assertEquals(0, read.longs("history.0").length);
    assertEquals(0, read.doubles("loss.none").length);
    assertTrue(read.has("step"));
    assertFalse(read.has("steps"));
    assertEquals(List.of("erase", "none"), read.names("loss.").stream().sorted().toList());
  }

  @Test
  void anotherRunsCheckpointIsRefused() {
    Path file = written();
    String message =
        assertThrows(UserError.class, () -> TrainingState.read(file, "esd steps=61")).getMessage();
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains("other settings"), message);
  }

  @Test
  void aDamagedCheckpointIsTheUsersError() throws IOException {
    Path file = written();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
    String message =
        assertThrows(UserError.class, () -> TrainingState.read(file, SETTINGS)).getMessage();
    assertTrue(message.contains("state.safetensors"), message);
    Files.delete(file);
    assertThrows(UserError.class, () -> TrainingState.read(file, SETTINGS));
  }

  @Test
  void restoringTakesOnlyWhatFits() {
    TrainingState read = TrainingState.read(written(), SETTINGS);
    float[] target = new float[4];
    read.restore("weight.conv_in.weight", target);
    assertEquals(1.5f, target[0]);
    for (String name : List.of("weight.conv_in.weight", "weight.gone")) {
      String message =
          assertThrows(UserError.class, () -> read.restore(name, new float[5])).getMessage();
      assertTrue(message.contains("'" + name + "'"), message);
    }
  }

  @Test
  void writingAgainReplacesTheFileWhole() throws IOException {
    Path file = written();
    TrainingState next = new TrainingState();
    next.putLongs("step", 18);
    next.write(file, SETTINGS);
    assertArrayEquals(new long[] {18}, TrainingState.read(file, SETTINGS).longs("step"));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList(), "nothing else is left in the folder");
    }
  }
}
