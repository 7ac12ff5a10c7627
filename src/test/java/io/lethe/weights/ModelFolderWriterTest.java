// An edited copy is complete, brings back nothing unedited, and appears whole or not at all.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderWriterTest {
  private static final String EDITED =
      "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight";

  @TempDir Path folder;
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void unmap() {
    arena.close();
  }

  @Test
  void oneTensorChangesAndAllElseIsTheBase() throws IOException {
    Path source = TestFiles.bundled("emoji-sd");
    ModelFolder base = ModelFolder.open(source, arena);
    float[] before = base.weights("unet").get(EDITED).toFloats();
    float[] master = before.clone();
    for (int i = 0; i < master.length; i++) {
      master[i] += 0.01f * (i % 7 - 3);
    }
    Path target = folder.resolve("new/edited");
    var written =
        ModelFolderWriter.write(
            base, target, Map.of("unet", Map.of(EDITED, master)), Optional.empty());
    assertEquals(Map.of(), written.leftOut());
    assertEquals(relativeFiles(source), relativeFiles(target));
    for (String file : relativeFiles(source)) {
      boolean same = Files.mismatch(source.resolve(file), target.resolve(file)) < 0;
      assertEquals(!file.equals("unet/diffusion_pytorch_model.safetensors"), same, file);
    }
    ModelFolder edited = ModelFolder.open(target, arena);
    double lost = 0;
    double changed = 0;
    for (String name : base.weights("unet").names()) {
      float[] now = edited.weights("unet").get(name).toFloats();
      if (!name.equals(EDITED)) {
        assertArrayEquals(base.weights("unet").get(name).toFloats(), now, name);
        continue;
      }
      for (int i = 0; i < now.length; i++) {
        lost += Math.pow((double) now[i] - master[i], 2);
        changed += Math.pow((double) master[i] - before[i], 2);
      }
    }
    assertTrue(lost > 0, "F16 cannot hold the sums");
    assertEquals(Math.sqrt(lost / changed), written.rounding().share(), 1e-12);
    assertTrue(written.rounding().share() < 0.01);
    assertEquals(
        (double) relativeFiles(source).stream().mapToLong(file -> size(target.resolve(file))).sum(),
        (double) ModelFolderWriter.bytesNeeded(base, Set.of("unet"), Optional.empty()),
        40_000, // headers are not counted
        "the estimate");
  }

  @Test
  void aTypeConvertsEveryComponent() {
    ModelFolder base = ModelFolder.open(TestFiles.bundled("emoji-sd"), arena);
    float[] master = base.weights("unet").get(EDITED).toFloats();
    master[0] += 1e-6f;
    Path target = folder.resolve("wide");
    var written =
        ModelFolderWriter.write(
            base, target, Map.of("unet", Map.of(EDITED, master)), Optional.of(DType.F32));
    assertEquals(0, written.rounding().share());
    ModelFolder wide = ModelFolder.open(target, arena);
    for (String component : base.weightedComponents()) {
      wide.weights(component)
          .tensors()
          .forEach((name, view) -> assertEquals(DType.F32, view.dtype(), name));
    }
    assertArrayEquals(master, wide.weights("unet").get(EDITED).toFloats());
  }

  @Test
  void weightsThatWouldUndoTheEditAreLeftOut() throws IOException {
    Path source = folder.resolve("base");
    ModelFolderWriter.write(
        ModelFolder.open(TestFiles.bundled("emoji-sd"), arena), source, Map.of(), Optional.empty());
    Files.writeString(source.resolve("unet/diffusion_pytorch_model.bin"), "unedited");
    Files.writeString(source.resolve("unet/diffusion_pytorch_model.fp16.safetensors"), "unedited");
    Files.writeString(source.resolve("unet/notes.txt"), "kept");
    Files.writeString(source.resolve("vae/diffusion_pytorch_model.bin"), "kept");
    Files.writeString(source.resolve("emoji.ckpt"), "unedited");
    Files.createDirectory(source.resolve(".git"));
    Files.writeString(source.resolve(".git/config"), "");
    ModelFolder base = ModelFolder.open(source, arena);
    Path target = folder.resolve("edited");
    var written = ModelFolderWriter.write(base, target, Map.of("unet", Map.of()), Optional.empty());
    assertEquals(
        Set.of(
            ".git",
            "emoji.ckpt",
            "unet/diffusion_pytorch_model.bin",
            "unet/diffusion_pytorch_model.fp16.safetensors"),
        written.leftOut().keySet());
    assertTrue(Files.exists(target.resolve("unet/notes.txt")));
    assertTrue(Files.exists(target.resolve("vae/diffusion_pytorch_model.bin")));
    assertFalse(Files.exists(target.resolve("emoji.ckpt")));
  }

  @Test
  void aFailureLeavesNothingBehind() throws IOException {
    ModelFolder base = ModelFolder.open(TestFiles.bundled("emoji-sd"), arena);
    Path target = folder.resolve("edited");
    Map<String, Map<String, float[]>> wrong = Map.of("unet", Map.of("absent", new float[1]));
    assertThrows(
        LetheException.class, () -> ModelFolderWriter.write(base, target, wrong, Optional.empty()));
    assertEquals(List.of(), relativeFiles(folder));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void existingAndImpossibleTargetsAreRefused() throws IOException {
    Path source = folder.resolve("base");
    ModelFolderWriter.write(
        ModelFolder.open(TestFiles.bundled("emoji-sd"), arena), source, Map.of(), Optional.empty());
    ModelFolder base = ModelFolder.open(source, arena);
    Path existing = Files.createDirectory(folder.resolve("existing"));
    assertTrue(refusal(base, existing).contains("exists already"));
    assertTrue(refusal(base, source).contains("exists already"));
    assertTrue(refusal(base, source.resolve("inside")).contains("lies in the model folder"));
    assertTrue(refusal(base, source.resolve("a/b/c")).contains("lies in the model folder"));
    Path file = Files.writeString(folder.resolve("file"), "");
    assertTrue(refusal(base, file.resolve("below")).contains("cannot make the folder"));
    try (Stream<Path> left = Files.list(existing)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void ofTwoRunsIntoOneFolderTheSecondToFinishFails() throws IOException {
    Path target = folder.resolve("one");
    try (StagedFolder first = StagedFolder.create(target);
        StagedFolder second = StagedFolder.create(target)) {
      Files.writeString(first.path().resolve("who"), "first");
      Files.writeString(second.path().resolve("who"), "second");
      first.commit();
      assertThrows(UserError.class, second::commit);
    }
    assertEquals("first", Files.readString(target.resolve("who")));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(target), left.toList());
    }
  }

  @Test
  void theShareLostToRoundingIsExact() {
    float[] base = {1, 1, 1};
    float[] master = {1 + 0x1p-9f, 1 + 0x1p-12f, 1}; // BF16 has 7 digits, so both go back to 1
    assertEquals(1, RoundingLoss.of(base, master, DType.BF16).share());
    assertEquals(0, RoundingLoss.of(base, master, DType.F32).share());
    double expected = 0x1p-12 / Math.hypot(0x1p-9, 0x1p-12);
    assertEquals(expected, RoundingLoss.of(base, master, DType.F16).share(), 1e-15);
    assertEquals(0, RoundingLoss.NONE.share());
    RoundingLoss twice =
        RoundingLoss.of(base, master, DType.F16).plus(RoundingLoss.of(base, master, DType.F16));
    assertEquals(expected, twice.share(), 1e-15);
  }

  private static String refusal(ModelFolder base, Path target) {
    return assertThrows(
            UserError.class,
            () -> ModelFolderWriter.write(base, target, Map.of(), Optional.empty()))
        .getMessage();
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static List<String> relativeFiles(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }
}
