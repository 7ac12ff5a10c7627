// Reading scheduler_config.json: real files, odd ones, and the pipeline's repairs.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.UserError;
import io.lethe.weights.ComponentConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerConfigTest {
  private static final Path BUNDLED =
      Path.of("src/main/models/emoji-sd/scheduler/scheduler_config.json");

  @TempDir private Path folder;

  private static SchedulerConfig parse(String json) {
    return SchedulerConfig.parse(json, "scheduler_config.json");
  }

  @Test
  void theBundledModelGivesDdimAndAnyOtherClass() {
    SchedulerConfig config = SchedulerConfig.read(BUNDLED);
    assertEquals(SamplerKind.DDIM, config.kind());
    assertEquals(981, Samplers.create(config, 50).timesteps()[0]);
    ComponentConfig component = ComponentConfig.read(BUNDLED);
    for (SamplerKind kind : SamplerKind.values()) {
      Sampler sampler = Samplers.create(kind.shortName(), component, 10);
      assertTrue(sampler.timesteps().length >= 10);
    }
    assertEquals(1000, NoiseSchedule.from(component).trainSteps());
  }

  @Test
  void stableDiffusionAsPublishedGivesPndm() {
    SchedulerConfig config =
        SchedulerConfig.read(
            Golden.path("configs/sd14-as-published/scheduler/scheduler_config.json"));
    assertEquals(SamplerKind.PNDM, config.kind());
    Sampler sampler = Samplers.create(config, 50);
    assertEquals(51, sampler.timesteps().length);
    assertEquals(981, sampler.timesteps()[0]);
    assertEquals(sampler.timesteps()[1], sampler.timesteps()[2]);
    assertTrue(config.notes().isEmpty());
  }

  @Test
  void anOptionThatNoClassHasIsNotedOrRefused() {
    SchedulerConfig config = parse("{\"dreams\": false, \"sheep\": null, \"_hidden\": 3}");
    assertEquals(2, config.notes().size());
    assertTrue(config.notes().getFirst().contains("dreams"));
    UserError error = assertThrows(UserError.class, () -> parse("{\"sheep\": \"electric\"}"));
    assertTrue(error.getMessage().contains("sheep"), error.getMessage());
    assertTrue(error.getMessage().contains("scheduler_config.json"), error.getMessage());
  }

  @Test
  void minusInfinityAsPythonWritesItIsANumber() {
    SchedulerConfig config = parse("{\"lambda_min_clipped\": -Infinity}");
    assertEquals(Double.NEGATIVE_INFINITY, config.number("lambda_min_clipped", 0));
    assertEquals(999, Samplers.create("dpmpp2m", config, 10).timesteps()[0]);
    assertThrows(UserError.class, () -> parse("{\"beta_end\": NaN}").number("beta_end", 0));
  }

  @Test
  void nullMeansTheDefault() {
    assertFalse(parse("{\"use_karras_sigmas\": null}").flag("use_karras_sigmas", false));
    assertArrayEquals(
        Samplers.create("euler", parse("{}"), 5).timesteps(),
        Samplers.create("euler", parse("{\"sigma_min\": null, \"sigma_max\": null}"), 5)
            .timesteps());
  }

  @Test
  void anUnknownOrMissingClassIsNamed() {
    UserError unknown =
        assertThrows(
            UserError.class,
            () -> Samplers.create(parse("{\"_class_name\": \"HeunDiscreteScheduler\"}"), 5));
    assertTrue(unknown.getMessage().contains("HeunDiscreteScheduler"), unknown.getMessage());
    assertTrue(unknown.getMessage().contains("DDIMScheduler"), unknown.getMessage());
    assertThrows(UserError.class, () -> Samplers.create(parse("{}"), 5));
    // With a class of one's own choice such a folder works.
    Samplers.create("ddim", parse("{\"_class_name\": \"UniPCMultistepScheduler\"}"), 5);
  }

  @Test
  void oldFoldersAreMendedAsThePipelineDoes() throws IOException {
    Path file = folder.resolve("scheduler_config.json");
    Files.writeString(file, "{\"_class_name\": \"DDIMScheduler\"}");
    ComponentConfig component = ComponentConfig.read(file);
    // Its own class: offset 1 and unclipped. Another one: that class's defaults.
    assertEquals(901, Samplers.create("ddim", component, 10).timesteps()[0]);
    assertEquals(900, Samplers.create("ddpm", component, 10).timesteps()[0]);
    assertEquals(900, Samplers.create("ddim", SchedulerConfig.read(file), 10).timesteps()[0]);
    SchedulerConfig mended = SchedulerConfig.of(component).asInPipeline(SamplerKind.DDIM);
    assertFalse(mended.flag("clip_sample", true));

    Files.writeString(
        file, "{\"_class_name\": \"DDIMScheduler\", \"steps_offset\": 0, \"clip_sample\": true}");
    SchedulerConfig explicit = SchedulerConfig.read(file).asInPipeline(SamplerKind.DDPM);
    assertFalse(explicit.flag("clip_sample", true));
    assertEquals(1, explicit.number("steps_offset", 0));
  }

  @Test
  void brokenFilesAreNamed() throws IOException {
    Path file = folder.resolve("scheduler_config.json");
    for (String text : new String[] {"", "[]", "{", "{\"beta_end\": }", "7"}) {
      Files.writeString(file, text);
      UserError error = assertThrows(UserError.class, () -> SchedulerConfig.read(file));
      assertTrue(error.getMessage().contains("scheduler_config.json"), error.getMessage());
      assertEquals(1, error.getMessage().lines().count(), error.getMessage());
    }
    Files.delete(file);
    assertThrows(UserError.class, () -> SchedulerConfig.read(file));
    assertThrows(UserError.class, () -> SchedulerConfig.read(folder));
  }
}
