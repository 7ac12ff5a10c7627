// A model's own pictures, encoded, are the latents that it drew them from; mirrored ones are not.
package io.lethe.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lethe.backend.cpu.Cpu;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureLatentsTest {
  private static final Path MODEL = Path.of("src/main/models/emoji-sd");
  private static final int STEPS = 8;

  /** Enough for both kinds to come: the chance of one kind alone is 1/128. */
  private static final int COPIES = 8;

  @Test
  void onlyMirroredPicturesLoseTheirLatents() {
    try (Cpu cpu = new Cpu();
        Pipeline pipeline = Pipeline.open(MODEL, cpu)) {
      int side = pipeline.model().unet().config().sampleSize();
      String prompt = "an emoji of a strawberry";
      pipeline.contexts().prepare(List.of(prompt, ""));
      GenerationRequest request =
          new GenerationRequest(
              List.of(prompt),
              "",
              new long[] {6000},
              STEPS,
              pipeline.defaultGuidance(),
              pipeline.defaultScheduler(),
              pipeline.defaultHeight(),
              pipeline.defaultWidth());
      float[] drawn;
      try (Denoiser denoiser = new Denoiser(cpu, pipeline.model().unet(), side, side)) {
        drawn = pipeline.denoise(denoiser, request, 0, 1, ProgressListener.silent());
      }
      Picture picture =
          LatentDecoder.decode(cpu, pipeline.model().vae(), drawn, 1, side, side).getFirst();
      List<Picture> copies = Collections.nCopies(COPIES, picture);

      for (float[] latent : encode(cpu, pipeline, side, copies, false)) {
        double likeness = cosine(latent, drawn);
        assertTrue(likeness >= 0.998, () -> "as drawn: cosine " + likeness);
      }
      int mirrored = 0;
      for (float[] latent : encode(cpu, pipeline, side, copies, true)) {
        double likeness = cosine(latent, drawn);
        mirrored += likeness < 0.99 ? 1 : 0;
        assertTrue(likeness < 0.99 || likeness >= 0.998, () -> "neither kind: cosine " + likeness);
      }
      assertTrue(mirrored > 0 && mirrored < COPIES, mirrored + " of " + COPIES + " mirrored");
    }
  }

  private static List<float[]> encode(
      Cpu cpu, Pipeline pipeline, int side, List<Picture> pictures, boolean mirrored) {
    List<float[]> latents =
        PictureLatents.encode(
            cpu,
            pipeline.model().vae(),
            side,
            pictures,
            mirrored,
            new RandomStreams(1),
            ProgressListener.silent());
    assertEquals(pictures.size(), latents.size());
    return latents;
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }
}
