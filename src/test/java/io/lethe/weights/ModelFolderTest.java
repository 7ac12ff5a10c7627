// A model folder is understood, or what is missing from it is named.
package io.lethe.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.weightstools.SyntheticModel;
import io.lethe.weightstools.SyntheticWeights;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir Path folder;
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void unmap() {
    arena.close();
  }

  @Test
  void theBundledPipeline() {
    ModelFolder model = ModelFolder.open(TestFiles.bundled("emoji-sd"), arena);
    assertTrue(model.isPipeline());
    assertEquals("StableDiffusionPipeline", model.className());
    assertEquals("UNet2DConditionModel", model.components().get("unet"));
    assertFalse(model.has("safety_checker"), "null in the index means that there is none");
    assertEquals(List.of("text_encoder", "unet", "vae"), model.weightedComponents());
    assertEquals(128, model.config("unet").integer("cross_attention_dim", 0));
    assertEquals("epsilon", model.config("scheduler").text("prediction_type", ""));
    assertEquals(249 - 1, model.weights("unet").names().size());
    assertTrue(Files.exists(model.tokenizerFolder().resolve("vocab.json")));
    model.require("unet", "UNet2DConditionModel");
    assertThrows(UserError.class, () -> model.require("unet", "UNet3D"));
    assertThrows(UserError.class, () -> model.folder("safety_checker"));
  }

  @Test
  void theBundledClip() {
    ModelFolder model = ModelFolder.open(TestFiles.bundled("emoji-clip"), arena);
    assertFalse(model.isPipeline());
    assertEquals("CLIPModel", model.className());
    assertEquals(List.of("clip"), model.weightedComponents());
    assertEquals(1, model.weights("clip").get("logit_scale").toFloats().length);
    assertTrue(Files.exists(model.tokenizerFolder().resolve("vocab.json")));
    assertTrue(model.files().containsKey("preprocessor_config.json"));
  }

  @Test
  void oneComponentAloneIsAModelToo() {
    ModelFolder unet = ModelFolder.open(TestFiles.bundled("emoji-sd/unet"), arena);
    assertEquals(List.of("unet"), unet.weightedComponents());
    assertTrue(unet.weights("unet").has("conv_in.weight"));
  }

  @Test
  void whatIsNoModelSaysWhatWasLookedFor() throws IOException {
    Files.writeString(folder.resolve("readme.txt"), "");
    String nothing = refusal(folder);
    assertTrue(nothing.contains("model_index.json") && nothing.contains("readme.txt"), nothing);
    assertTrue(refusal(folder.resolve("absent")).contains("no folder"));
    assertTrue(refusal(folder.resolve("readme.txt")).contains("is a file"));
    Files.writeString(folder.resolve("model_index.json"), "{\"unet\":[\"a\",\"b\"]}");
    assertTrue(refusal(folder).contains("_class_name"));
    Files.writeString(
        folder.resolve("model_index.json"), "{\"_class_name\":\"P\",\"../x\":[\"a\",\"b\"]}");
    assertTrue(refusal(folder).contains("cannot be the name of a component"));
    Files.writeString(
        folder.resolve("model_index.json"), "{\"_class_name\":\"P\",\"unet\":[\"a\",\"b\"]}");
    ModelFolder hollow = ModelFolder.open(folder, arena);
    UserError missing = assertThrows(UserError.class, () -> hollow.weights("unet"));
    assertTrue(missing.getMessage().contains("unet"), missing.getMessage());
    Files.createDirectory(folder.resolve("unet"));
    UserError config = assertThrows(UserError.class, () -> hollow.config("unet"));
    assertTrue(config.getMessage().contains("config.json"), config.getMessage());
  }

  @Test
  void syntheticModelsAreWholeModels() {
    SyntheticModel synthetic = new SyntheticModel(TestFiles.golden("."));
    Path pipeline = folder.resolve("mini-sd2");
    synthetic.writePipeline("mini-sd2", pipeline);
    ModelFolder model = ModelFolder.open(pipeline, arena);
    assertEquals(0.14250004 * Math.sqrt(3.0 / 36), first(model, "unet", "conv_in.weight"), 1e-7);
    assertEquals("!", model.config("tokenizer").text("pad_token", ""));
    String name = "text_model.embeddings.token_embedding.weight";
    assertEquals(
        SyntheticWeights.weights(name, model.weights("text_encoder").get(name).shape())[0],
        first(model, "text_encoder", name));
    assertTrue(model.files().keySet().containsAll(List.of("model_index.json", "vae/config.json")));

    Path clip = folder.resolve("mini-clip");
    synthetic.writeClip("mini-clip", clip);
    assertEquals(List.of("clip"), ModelFolder.open(clip, arena).weightedComponents());
    assertThrows(UserError.class, () -> synthetic.writeClip("mini-clip", clip), "it exists");
    assertThrows(
        UserError.class, () -> synthetic.writePipeline("absent", folder.resolve("absent")));
    assertFalse(Files.exists(folder.resolve("absent")));
  }

  @Test
  void theHashKnowsTheModelAndNothingElse() throws IOException {
    Path copy = folder.resolve("copy");
    ModelFolder base = ModelFolder.open(TestFiles.bundled("emoji-sd"), arena);
    ModelFolderWriter.write(base, copy, Map.of(), Optional.empty());
    assertEquals(base.hash(), ModelFolder.open(copy, arena).hash());
    Files.writeString(copy.resolve("metrics.json"), "{}");
    assertEquals(base.hash(), ModelFolder.open(copy, arena).hash());
    Path config = copy.resolve("vae/config.json");
    Files.writeString(config, Files.readString(config) + " ");
    assertNotEquals(base.hash(), ModelFolder.open(copy, arena).hash());
    Path abc = Files.writeString(folder.resolve("abc"), "abc");
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ContentHash.of(abc));
  }

  private String refusal(Path path) {
    return assertThrows(UserError.class, () -> ModelFolder.open(path, arena)).getMessage();
  }

  private static float first(ModelFolder model, String component, String tensor) {
    return model.weights(component).get(tensor).toFloats()[0];
  }
}
