// A pool of half-denoised latents at all levels of noise, moved on by the student a step at a time.
package io.lethe.erase;

import io.lethe.LetheException;
import io.lethe.diffusion.Denoiser;
import io.lethe.diffusion.Layout;
import io.lethe.diffusion.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Instead of about fifty passes for every latent, each training step advances the few latents that
 * it used by one sampler step of the current student; a finished one starts again from noise. So a
 * latent costs two passes, and the pool stays what partial sampling gives: latents of the student,
 * a little younger or older than the present one.
 *
 * <p>The pool is filled once by whole trajectories of the frozen model, one snapshot a level,
 * stride levels apart.
 */
public final class Reservoir implements LatentSource {
  /** In place of a word: a latent of any. */
  static final int ANY = -1;

  private final String name;
  private final DdimGrid grid;
  private final IntFunction<float[]> contextOfWord;
  private final float[] unconditional;
  private final double guidance;
  private final RandomStreams random;
  private final int channels;
  private float[] latents; // [slots, h*w*c]
  private int[] level;
  private int[] word;
  private int latentSize;

  /**
   * An empty pool, to be filled or loaded.
   *
   * @param name of this pool's random streams
   */
  public Reservoir(
      String name,
      DdimGrid grid,
      IntFunction<float[]> contextOfWord,
      float[] unconditional,
      double guidance,
      RandomStreams random,
      int channels) {
    this.name = name;
    this.grid = grid;
    this.contextOfWord = contextOfWord;
    this.unconditional = unconditional;
    this.guidance = guidance;
    this.random = random;
    this.channels = channels;
  }

  /**
   * Runs one trajectory for each word and keeps a snapshot at every {@code stride}-th level, offset
   * from trajectory to trajectory so that together they cover all levels.
   */
  public void fill(int[] words, int stride, Denoiser frozen) {
    latentSize = frozen.latentSize();
    int n = words.length;
    float[] moving = new float[n * latentSize];
    List<float[]> contexts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      System.arraycopy(noise(frozen), 0, moving, i * latentSize, latentSize);
      contexts.add(contextOfWord.apply(words[i]));
    }
    List<float[]> snapshots = new ArrayList<>();
    List<Integer> levels = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    for (int at = grid.levels() - 1; at >= 0; at--) {
      for (int i = 0; i < n; i++) {
        if ((at + i) % stride == 0) {
          snapshots.add(Arrays.copyOfRange(moving, i * latentSize, (i + 1) * latentSize));
          levels.add(at);
          owners.add(words[i]);
        }
      }
      if (at > 0) {
        double[] timesteps = new double[n];
        Arrays.fill(timesteps, grid.timestep(at));
        float[] predicted =
            frozen.predictGuided(moving, timesteps, contexts, unconditional, guidance);
        grid.step(moving, 0, moving.length, predicted, at);
      }
    }
    latents = new float[snapshots.size() * latentSize];
    level = new int[snapshots.size()];
    word = new int[snapshots.size()];
    for (int slot = 0; slot < level.length; slot++) {
      System.arraycopy(snapshots.get(slot), 0, latents, slot * latentSize, latentSize);
      level[slot] = levels.get(slot);
      word[slot] = owners.get(slot);
    }
  }

  private float[] noise(Denoiser denoiser) {
    float[] drawn = random.stream(name + ".noise").randn(latentSize);
    return Layout.toChannelsLast(drawn, 1, channels, denoiser.height(), denoiser.width());
  }

  /** How many latents the pool holds. */
  public int slots() {
    return level.length;
  }

  @Override
  public LatentBatch take(int[] words, Denoiser student) {
    int n = words.length;
    boolean[] taken = new boolean[level.length];
    int[] slots = new int[n];
    double[] timesteps = new double[n];
    float[] batch = new float[n * latentSize];
    for (int i = 0; i < n; i++) {
      int slot = pick(words[i], taken);
      taken[slot] = true;
      slots[i] = slot;
      timesteps[i] = grid.timestep(level[slot]);
      System.arraycopy(latents, slot * latentSize, batch, i * latentSize, latentSize);
    }
    return new LatentBatch(batch, timesteps, words.clone(), slots);
  }

  /**
   * A random latent of this word that is not in the batch yet, or one that is where there is no
   * other.
   */
  private int pick(int wanted, boolean[] taken) {
    int free = 0;
    int all = 0;
    for (int slot = 0; slot < word.length; slot++) {
      if (wanted == ANY || word[slot] == wanted) {
        all++;
        free += taken[slot] ? 0 : 1;
      }
    }
    if (all == 0) {
      throw new LetheException("the reservoir '" + name + "' holds no latent of word " + wanted);
    }
    boolean again = free == 0;
    int choice = random.below(name + ".pick", again ? all : free);
    for (int slot = 0; slot < word.length; slot++) {
      if ((wanted == ANY || word[slot] == wanted) && (again || !taken[slot]) && choice-- == 0) {
        return slot;
      }
    }
    throw new IllegalStateException("counted " + all + " slots of word " + wanted);
  }

  @Override
  public void advance(LatentBatch batch, int count, Denoiser student) {
    int[] slots = Arrays.stream(batch.slots()).limit(count).distinct().sorted().toArray();
    int n = slots.length;
    float[] moving = new float[n * latentSize];
    double[] timesteps = new double[n];
    List<float[]> contexts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      System.arraycopy(latents, slots[i] * latentSize, moving, i * latentSize, latentSize);
      timesteps[i] = grid.timestep(level[slots[i]]);
      contexts.add(contextOfWord.apply(word[slots[i]]));
    }
    float[] predicted = student.predictGuided(moving, timesteps, contexts, unconditional, guidance);
    for (int i = 0; i < n; i++) {
      int slot = slots[i];
      if (level[slot] == 0) {
        System.arraycopy(noise(student), 0, latents, slot * latentSize, latentSize);
        level[slot] = grid.levels() - 1;
      } else {
        grid.step(moving, i * latentSize, latentSize, predicted, level[slot]);
        System.arraycopy(moving, i * latentSize, latents, slot * latentSize, latentSize);
        level[slot]--;
      }
    }
  }

  @Override
  public void save(String prefix, TrainingState state) {
    state.putFloats(prefix + ".latents", latents);
    state.putLongs(prefix + ".level", Arrays.stream(level).asLongStream().toArray());
    state.putLongs(prefix + ".word", Arrays.stream(word).asLongStream().toArray());
  }

  @Override
  public void load(String prefix, TrainingState state) {
    latents = state.floats(prefix + ".latents");
    level = Arrays.stream(state.longs(prefix + ".level")).mapToInt(Math::toIntExact).toArray();
    word = Arrays.stream(state.longs(prefix + ".word")).mapToInt(Math::toIntExact).toArray();
    latentSize = latents.length / level.length;
  }
}
