// A new partial sampling for every latent, as the papers do it.
package io.lethe.erase;

import io.lethe.diffusion.Denoiser;
import io.lethe.diffusion.Layout;
import io.lethe.diffusion.RandomStreams;
import io.lethe.diffusion.TorchRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Starts from noise and denoises under the word's own prompt with guidance, down to a random level:
 * about half the grid's steps, twice that many passes, for every latent.
 *
 * <p>The published code of ESD-classic and EAP has three quirks, reproduced by {@code legacy}: the
 * noisiest level of the grid is skipped; the latent is two levels cleaner than announced to the
 * UNet; the timestep is drawn within its level's stride.
 */
public final class FreshLatents implements LatentSource {
  private final DdimGrid grid;
  private final IntFunction<float[]> contextOfWord;
  private final float[] unconditional;
  private final double guidance;
  private final RandomStreams random;
  private final String name;
  private final int channels;
  private final boolean legacy;

  /**
   * @param name of this source's random streams
   * @param contextOfWord the context under which a word's latents are denoised
   */
  public FreshLatents(
      String name,
      DdimGrid grid,
      IntFunction<float[]> contextOfWord,
      float[] unconditional,
      double guidance,
      RandomStreams random,
      int channels,
      boolean legacy) {
    this.name = name;
    this.grid = grid;
    this.contextOfWord = contextOfWord;
    this.unconditional = unconditional;
    this.guidance = guidance;
    this.random = random;
    this.channels = channels;
    this.legacy = legacy;
  }

  @Override
  public LatentBatch take(int[] words, Denoiser student) {
    int n = words.length;
    int size = student.latentSize();
    float[] latents = new float[n * size];
    double[] timesteps = new double[n];
    int[] slots = new int[n];
    for (int i = 0; i < n; i++) {
      TorchRandom noise = random.stream(name + ".noise");
      float[] latent =
          Layout.toChannelsLast(noise.randn(size), 1, channels, student.height(), student.width());
      int drawn = random.below(name + ".timestep", grid.levels());
      int stop = legacy ? Math.max(drawn - 1, 0) : drawn;
      int top = legacy ? grid.levels() - 2 : grid.levels() - 1;
      // Consistent: every level above the drawn one is done, and the latent stands on it.
      // Legacy: index drawn - 1 is the last one done, so the latent stands on drawn - 2.
      for (int level = top; legacy ? level >= stop : level > stop; level--) {
        float[] predicted =
            student.predictGuided(
                latent,
                new double[] {grid.timestep(level)},
                contexts(words[i]),
                unconditional,
                guidance);
        grid.step(latent, 0, size, predicted, level);
      }
      timesteps[i] =
          legacy
              ? (double) drawn * grid.stride() + random.below(name + ".jitter", grid.stride())
              : grid.timestep(drawn);
      System.arraycopy(latent, 0, latents, i * size, size);
      slots[i] = -1;
    }
    return new LatentBatch(latents, timesteps, words.clone(), slots);
  }

  private List<float[]> contexts(int word) {
    List<float[]> contexts = new ArrayList<>();
    contexts.add(contextOfWord.apply(word));
    return contexts;
  }

  @Override
  public void advance(LatentBatch batch, int count, Denoiser student) {
    // Nothing is kept from one step to the next.
  }

  @Override
  public void save(String prefix, TrainingState state) {
    // The random streams are all there is, and they are saved with the run.
  }

  @Override
  public void load(String prefix, TrainingState state) {
    // As in save.
  }
}
