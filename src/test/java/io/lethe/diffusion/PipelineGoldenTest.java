// The same seed draws the same picture as diffusers' pipeline, under every scheduler.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.cpu.Cpu;
import io.lethe.weights.SafeTensorsFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Complete runs of the bundled model with the settings in the golden file's metadata: final latents
 * within 1e-3, pictures within a mean absolute difference of 1/255.
 */
final class PipelineGoldenTest {
  private static final Path MODEL = Path.of("src/main/models/emoji-sd");
  private static final Path GOLDEN = Path.of("src/test/resources/golden/emoji-sd.safetensors");
  private static final double LATENT_TOLERANCE = 1e-3;
  private static final int SIDE = 64;

  private static final Arena ARENA = Arena.ofConfined();

  private static Cpu backend;
  private static Pipeline pipeline;
  private static SafeTensorsFile golden;

  @BeforeAll
  static void open() {
    backend = new Cpu();
    pipeline = Pipeline.open(MODEL, backend);
    golden = SafeTensorsFile.open(GOLDEN, ARENA);
  }

  @AfterAll
  static void close() {
    pipeline.close();
    backend.close();
    ARENA.close();
  }

  private static GenerationRequest request(int run) {
    return switch (run) {
      case 0 -> request("ddim", 25, 4, "an emoji of a cactus", "", run);
      case 1 -> request("ddim", 25, 7.5, "an emoji of a lion in twemoji style", "", run);
      case 2 -> request("ddim", 50, 3, "strawberry", "a red apple", run);
      case 3 -> request("euler_a", 20, 4, "an emoji of a castle", "", run);
      case 4 -> request("dpmpp2m_karras", 12, 4, "a guitar", "", run);
      default -> request("pndm", 25, 4, "an emoji of a penguin", "", run);
    };
  }

  private static GenerationRequest request(
      String scheduler, int steps, double guidance, String prompt, String negative, long seed) {
    return new GenerationRequest(
        List.of(prompt), negative, new long[] {seed}, steps, guidance, scheduler, SIDE, SIDE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void latentAndPicture(int run) {
    GenerationRequest request = request(run);
    requireSettings(run, request);
    ProgressListener silent = ProgressListener.silent();
    try (Denoiser denoiser = new Denoiser(backend, pipeline.model().unet(), 16, 16)) {
      float[] latent = pipeline.denoise(denoiser, request, 0, 1, silent);
      double[] expected = golden.tensor("pipe." + run + ".latent").toDoubles();
      double error = distance(Layout.toChannelsFirst(latent, 1, 4, 16, 16), expected);
      assertTrue(error <= LATENT_TOLERANCE, "latent " + run + ": " + error);
      // Two passes a step for guidance; PNDM's second timestep comes twice.
      int evaluations = request.scheduler().equals("pndm") ? 26 : request.steps();
      assertEquals(2L * evaluations, denoiser.passes());
    }
    Picture picture = pipeline.generate(request, silent).getFirst();
    long[] pixels = golden.tensor("pipe." + run + ".image").toLongs();
    assertEquals(pixels.length, picture.rgb().length);
    double sum = 0;
    for (int i = 0; i < pixels.length; i++) {
      sum += Math.abs((picture.rgb()[i] & 0xff) - pixels[i]);
    }
    assertTrue(sum / pixels.length <= 1, "picture " + run + ": " + sum / pixels.length + " of 255");
  }

  /** The settings above are those of the file. */
  private static void requireSettings(int run, GenerationRequest request) {
    String settings =
        "\"scheduler\": \"%s\", \"steps\": %d, \"guidance\": %s, \"seed\": %d, \"prompt\": \"%s\""
            .formatted(
                request.scheduler(),
                request.steps(),
                request.guidance(),
                run,
                request.prompts().getFirst());
    assertTrue(golden.metadata().get("pipe").contains(settings), settings);
  }

  private static double distance(float[] actual, double[] expected) {
    double difference = 0;
    double norm = 0;
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
