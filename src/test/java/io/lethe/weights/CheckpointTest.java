// A component's weights are found under canonical names however the files spell and split them.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.LetheException;
import io.lethe.UserError;
import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void unmap() {
    arena.close();
  }

  @Test
  void textEncodersLoadWithAndWithoutTheirPrefix() {
    TensorEntry ids =
        new TensorEntry(
            "embeddings.position_ids",
            DType.I64,
            Shape.of(1, 3),
            new TensorSource.Bytes(MemorySegment.ofArray(new long[] {0, 1, 2})));
    SafeTensorsWriter.write(
        folder.resolve("model.safetensors"),
        List.of(
            tensor("embeddings.token_embedding.weight", 1),
            tensor("encoder.layers.0.mlp.fc1.bias", 2),
            tensor("final_layer_norm.weight", 3),
            tensor("text_projection.weight", 4),
            ids));
    Checkpoint weights = Checkpoint.open(folder, NameMap.of("CLIPTextModel"), arena);
    assertEquals(1, first(weights, "text_model.embeddings.token_embedding.weight"));
    assertEquals(2, first(weights, "text_model.encoder.layers.0.mlp.fc1.bias"));
    assertEquals(3, first(weights, "text_model.final_layer_norm.weight"));
    assertEquals(List.of("text_projection.weight"), weights.neverAsked());
    assertFalse(weights.names().toString().contains("position_ids"));
    Checkpoint prefixed =
        Checkpoint.open(TestFiles.bundled("emoji-sd/text_encoder"), NameMap.TEXT_ENCODER, arena);
    assertTrue(prefixed.has("text_model.final_layer_norm.weight"));
  }

  @Test
  void oldAttentionNamesOfAutoencodersAreTranslated() {
    String old = "encoder.mid_block.attentions.0.";
    SafeTensorsWriter.write(
        folder.resolve("diffusion_pytorch_model.safetensors"),
        List.of(
            TensorEntry.of(old + "query.weight", DType.F32, Shape.of(2, 2), values(1)),
            TensorEntry.of(old + "key.weight", DType.F32, Shape.of(2, 2, 1, 1), values(2)),
            TensorEntry.of(old + "value.weight", DType.F32, Shape.of(2, 2), values(3)),
            TensorEntry.of(old + "proj_attn.weight", DType.F32, Shape.of(2, 2, 1, 1), values(4)),
            TensorEntry.of("quant_conv.weight", DType.F32, Shape.of(2, 2, 1, 1), values(5))));
    Checkpoint weights = Checkpoint.open(folder, NameMap.VAE, arena);
    Shape linear = Shape.of(2, 2);
    assertEquals(1, weights.get(old + "to_q.weight", linear).toFloats()[0]);
    assertEquals(2, weights.get(old + "to_k.weight", linear).toFloats()[0]);
    assertEquals(3, weights.get(old + "to_v.weight", linear).toFloats()[0]);
    assertEquals(4, weights.get(old + "to_out.0.weight", linear).toFloats()[0]);
    assertEquals(Shape.of(2, 2, 1, 1), weights.get("quant_conv.weight").shape());
  }

  @Test
  void bothSpellingsOfOneTensorAreRefused() {
    SafeTensorsWriter.write(
        folder.resolve("model.safetensors"),
        List.of(
            tensor("final_layer_norm.weight", 1), tensor("text_model.final_layer_norm.weight", 2)));
    UserError error =
        assertThrows(UserError.class, () -> Checkpoint.open(folder, NameMap.TEXT_ENCODER, arena));
    assertTrue(error.getMessage().contains("text_model.final_layer_norm.weight"));
  }

  @Test
  void missingTensorsAndWrongShapesAreNamed() {
    SafeTensorsWriter.write(folder.resolve("model.safetensors"), List.of(tensor("a", 1)));
    Checkpoint weights = Checkpoint.open(folder, NameMap.PLAIN, arena);
    SafeTensorsException missing = assertThrows(SafeTensorsException.class, () -> weights.get("b"));
    assertEquals("b", missing.tensor().orElseThrow());
    SafeTensorsException wrong =
        assertThrows(SafeTensorsException.class, () -> weights.get("a", Shape.of(2, 2)));
    assertTrue(wrong.getMessage().contains("has shape [4]"), wrong.getMessage());
    assertTrue(wrong.getMessage().contains("asks for [2, 2]"), wrong.getMessage());
  }

  @Test
  void fullPrecisionIsPreferredAndAVariantIsFound() {
    SafeTensorsWriter.write(folder.resolve("model.fp16.safetensors"), List.of(tensor("a", 16)));
    assertEquals(16, first(Checkpoint.open(folder, NameMap.PLAIN, arena), "a"));
    SafeTensorsWriter.write(folder.resolve("model.safetensors"), List.of(tensor("a", 32)));
    assertEquals(32, first(Checkpoint.open(folder, NameMap.PLAIN, arena), "a"));
  }

  @Test
  void shardsAreOneCheckpoint() throws IOException {
    for (String index :
        List.of(
            "model.safetensors.index.json",
            "diffusion_pytorch_model.safetensors.index.fp16.json",
            "model.fp16.safetensors.index.json")) {
      Path place = Files.createDirectory(folder.resolve(index + ".d"));
      writeShards(place, index);
      Checkpoint weights = Checkpoint.open(place, NameMap.PLAIN, arena);
      assertEquals(List.of("a", "b", "c"), List.copyOf(weights.names()));
      assertEquals(3, first(weights, "c"));
      assertEquals(2, weights.files().size());
    }
  }

  @Test
  void hostileShardIndexesAreRefused() throws IOException {
    writeShards(folder, "model.safetensors.index.json");
    Path outside = folder.resolveSibling("outside.safetensors");
    SafeTensorsWriter.write(outside, List.of(tensor("a", 1)));
    Path index = folder.resolve("model.safetensors.index.json");
    for (String map :
        List.of(
            "{'a':'../outside.safetensors'}",
            "{'a':'" + outside + "'}",
            "{'a':'sub/x.safetensors'}",
            "{'a':'sub\\\\x.safetensors'}",
            "{'a':'C:x.safetensors'}",
            "{'a':'..'}",
            "{'a':''}",
            "{'a':'x\\u0000.safetensors'}",
            "{'a':'absent.safetensors'}",
            "{'a':'model-00001-of-00002.bin'}",
            "{'a':null}",
            "{'a':['model-00001-of-00002.safetensors']}",
            "{'absent':'model-00001-of-00002.safetensors'}",
            "{'c':'model-00001-of-00002.safetensors'}",
            "{}",
            "[]",
            "null")) {
      Files.writeString(index, ("{'weight_map':" + map + "}").replace('\'', '"'));
      UserError error =
          assertThrows(
              UserError.class, () -> Checkpoint.open(folder, NameMap.PLAIN, arena), () -> map);
      assertTrue(error.getMessage().contains("model.safetensors.index.json"), error.getMessage());
    }
    Files.writeString(index, "{}");
    assertThrows(UserError.class, () -> Checkpoint.open(folder, NameMap.PLAIN, arena));
    Files.delete(outside);
  }

  @Test
  void aTensorInTwoShardsIsRefused() throws IOException {
    writeShards(folder, "model.safetensors.index.json");
    SafeTensorsWriter.write(
        folder.resolve("model-00002-of-00002.safetensors"),
        List.of(tensor("a", 1), tensor("c", 1)));
    UserError error =
        assertThrows(UserError.class, () -> Checkpoint.open(folder, NameMap.PLAIN, arena));
    assertTrue(error.getMessage().contains("second tensor"), error.getMessage());
  }

  @Test
  void foldersWithoutUsableWeightsSaySo() throws IOException {
    UserError nothing =
        assertThrows(UserError.class, () -> Checkpoint.open(folder, NameMap.PLAIN, arena));
    assertTrue(nothing.getMessage().contains("looked for diffusion_pytorch_model.safetensors"));
    Files.writeString(folder.resolve("pytorch_model.bin"), "pickle");
    UserError pickle =
        assertThrows(UserError.class, () -> Checkpoint.open(folder, NameMap.PLAIN, arena));
    assertTrue(pickle.getMessage().contains("pytorch_model.bin"), pickle.getMessage());
    assertTrue(pickle.getMessage().contains("pickle"), pickle.getMessage());
    Path absent = folder.resolve("absent");
    assertThrows(UserError.class, () -> Checkpoint.open(absent, NameMap.PLAIN, arena));
  }

  @Test
  void notANumberIsFoundBeforeItSpreads() {
    float[] damaged = new float[10_000];
    damaged[9_998] = Float.NaN;
    SafeTensorsWriter.write(
        folder.resolve("model.safetensors"),
        List.of(tensor("a", 1), TensorEntry.of("b", DType.F16, Shape.of(10_000), damaged)));
    SafeTensorsException error =
        assertThrows(
            SafeTensorsException.class,
            () -> Checkpoint.open(folder, NameMap.PLAIN, arena).requireFinite());
    assertEquals("b", error.tensor().orElseThrow());
    assertTrue(error.getMessage().contains("index 9998"), error.getMessage());
    Checkpoint.open(TestFiles.bundled("emoji-sd/vae"), NameMap.VAE, arena).requireFinite();
  }

  @Test
  void anEditWithoutChangesReproducesTheFileToTheByte() throws IOException {
    Path unet = TestFiles.bundled("emoji-sd/unet");
    Checkpoint weights = Checkpoint.open(unet, NameMap.PLAIN, arena);
    weights.writeEdited(folder, Map.of(), Optional.empty());
    String name = "diffusion_pytorch_model.safetensors";
    assertEquals(-1, Files.mismatch(unet.resolve(name), folder.resolve(name)));
    // a file with an order of its own keeps it, in the header and in the data
    Path odd = Files.createDirectory(folder.resolve("odd"));
    Path copy = Files.createDirectory(folder.resolve("copy"));
    String header =
        "{\"__metadata__\":{\"z\":\"1\",\"a\":\"2\"},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]},"
            + "\"e\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]},"
            + "\"a\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]}}";
    String padded = header + " ".repeat(Math.ceilDiv(header.length(), 8) * 8 - header.length());
    TestFiles.withHeader(odd.resolve("model.safetensors"), padded, new byte[] {0, 64, 7});
    Checkpoint.open(odd, NameMap.PLAIN, arena).writeEdited(copy, Map.of(), Optional.empty());
    assertEquals(
        -1, Files.mismatch(odd.resolve("model.safetensors"), copy.resolve("model.safetensors")));
  }

  @Test
  void anEditKeepsNamesTypesShapesAndUnknownTensors() {
    String old = "encoder.mid_block.attentions.0.key.weight";
    TensorEntry foreign =
        new TensorEntry(
            "unknown",
            DType.U8,
            Shape.of(3),
            new TensorSource.Bytes(MemorySegment.ofArray(new byte[] {1, 2, 3})));
    Path base = folder.resolve("diffusion_pytorch_model.safetensors");
    SafeTensorsWriter.write(
        base,
        List.of(
            TensorEntry.of(old, DType.F16, Shape.of(2, 2, 1, 1), values(2)),
            tensor("conv.bias", 7),
            foreign),
        Map.of("format", "pt", "made", "by a test"));
    Path edited = folder.resolve("edited");
    edited.toFile().mkdir();
    Checkpoint weights = Checkpoint.open(folder, NameMap.VAE, arena);
    String name = "encoder.mid_block.attentions.0.to_k.weight";
    weights.writeEdited(edited, Map.of(name, values(0.1f)), Optional.empty());
    SafeTensorsFile file = SafeTensorsFile.open(edited.resolve(base.getFileName()), arena);
    assertEquals(Map.of("format", "pt", "made", "by a test"), file.metadata());
    assertEquals(DType.F16, file.tensor(old).dtype());
    assertEquals(Shape.of(2, 2, 1, 1), file.tensor(old).shape());
    assertEquals(Rounding.round(0.1f, DType.F16), file.tensor(old).toFloats()[3]);
    assertArrayEquals(values(7), file.tensor("conv.bias").toFloats());
    assertArrayEquals(new long[] {1, 2, 3}, file.tensor("unknown").toLongs());

    weights.writeEdited(edited, Map.of(name, values(0.1f)), Optional.of(DType.BF16));
    SafeTensorsFile brain = SafeTensorsFile.open(edited.resolve(base.getFileName()), arena);
    assertEquals(DType.BF16, brain.tensor(old).dtype());
    assertEquals(DType.BF16, brain.tensor("conv.bias").dtype());
    assertEquals(DType.U8, brain.tensor("unknown").dtype());
    assertEquals(Rounding.round(0.1f, DType.BF16), brain.tensor(old).toFloats()[0]);

    for (Map<String, float[]> wrong :
        List.of(
            Map.of("absent", values(1)),
            Map.of(name, new float[3]),
            Map.of("unknown", new float[3]))) {
      assertThrows(
          LetheException.class, () -> weights.writeEdited(edited, wrong, Optional.empty()));
    }
  }

  @Test
  void editedShardsStayShards() throws IOException {
    writeShards(folder, "model.safetensors.index.json");
    Path edited = Files.createDirectory(folder.resolve("edited"));
    Checkpoint.open(folder, NameMap.PLAIN, arena)
        .writeEdited(edited, Map.of("c", values(9)), Optional.of(DType.F16));
    Checkpoint copy = Checkpoint.open(edited, NameMap.PLAIN, arena);
    assertEquals(2, copy.files().size());
    assertEquals(9, first(copy, "c"));
    assertEquals(1, first(copy, "a"));
    String index = Files.readString(edited.resolve("model.safetensors.index.json"));
    assertTrue(index.matches("(?s).*\"total_size\"\\s*:\\s*24.*"), index);
  }

  private void writeShards(Path place, String index) throws IOException {
    SafeTensorsWriter.write(
        place.resolve("model-00001-of-00002.safetensors"), List.of(tensor("a", 1), tensor("b", 2)));
    SafeTensorsWriter.write(
        place.resolve("model-00002-of-00002.safetensors"), List.of(tensor("c", 3)));
    Files.writeString(
        place.resolve(index),
        """
        {"metadata": {"total_size": 48}, "weight_map": {
          "a": "model-00001-of-00002.safetensors",
          "b": "model-00001-of-00002.safetensors",
          "c": "model-00002-of-00002.safetensors"}}
        """);
  }

  private static TensorEntry tensor(String name, float value) {
    return TensorEntry.of(name, DType.F32, Shape.of(4), values(value));
  }

  private static float[] values(float value) {
    float[] values = new float[4];
    Arrays.fill(values, value);
    return values;
  }

  private static float first(Checkpoint weights, String name) {
    return weights.get(name).toFloats()[0];
  }
}
