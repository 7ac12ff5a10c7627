// What a sampler remembers between steps, to be saved with a run.
package io.lethe.diffusion;

import java.util.Map;
import java.util.TreeMap;

/**
 * @param taken steps taken since the last reset
 * @param arrays the arrays it keeps, by name, each as long as the latent
 */
public record SamplerState(int taken, Map<String, float[]> arrays) {
  public SamplerState {
    arrays = Map.copyOf(new TreeMap<>(arrays));
  }

  static SamplerState empty() {
    return new SamplerState(0, Map.of());
  }
}
