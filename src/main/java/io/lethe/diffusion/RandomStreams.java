// One stream of random numbers for each purpose, all from one seed.
package io.lethe.diffusion;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Separate generators for noise, timesteps, words and so on, so that drawing one more of one kind
 * moves none of the others. Streams are made at first use from the seed and their name; their
 * states are saved for resuming.
 */
public final class RandomStreams {
  private final long seed;
  private final Map<String, TorchRandom> streams = new LinkedHashMap<>();

  public RandomStreams(long seed) {
    this.seed = seed;
  }

  /** The stream of this name. */
  public TorchRandom stream(String name) {
    return streams.computeIfAbsent(name, key -> new TorchRandom(mix(key)));
  }

  /** FNV-1a over the name, mixed with the seed; the generator takes the low 32 bits. */
  private long mix(String name) {
    long hash = 0xcbf29ce484222325L ^ seed * 0x9E3779B97F4A7C15L;
    for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    hash ^= hash >>> 29;
    return hash & 0xffffffffL;
  }

  /** A whole number from 0 to {@code bound - 1}. */
  public int below(String name, int bound) {
    return (int) stream(name).randint(0, bound, 1)[0];
  }

  /** The state of every stream used so far, by name, for resuming. */
  public Map<String, byte[]> states() {
    Map<String, byte[]> states = new LinkedHashMap<>();
    streams.forEach((name, stream) -> states.put(name, stream.getState()));
    return states;
  }

  /** Continues a stream from a saved state. */
  public void restore(String name, byte[] state) {
    stream(name).setState(state);
  }
}
