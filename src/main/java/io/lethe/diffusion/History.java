// The last few outputs, for the samplers that look back.
package io.lethe.diffusion;

import io.lethe.UserError;
import java.util.Map;
import java.util.TreeMap;

/** Copies of the last {@code capacity} arrays, the newest at 0, and how many steps were taken. */
final class History {
  private final float[][] kept;
  private int size;
  private int taken;

  History(int capacity) {
    kept = new float[capacity][];
  }

  /** The array that was added this many additions ago. */
  float[] get(int age) {
    return kept[age];
  }

  int size() {
    return size;
  }

  int taken() {
    return taken;
  }

  void countStep() {
    taken++;
  }

  void add(float[] values) {
    float[] oldest = kept[kept.length - 1];
    System.arraycopy(kept, 0, kept, 1, kept.length - 1);
    boolean fits = oldest != null && oldest.length == values.length;
    kept[0] = fits ? oldest : new float[values.length];
    System.arraycopy(values, 0, kept[0], 0, values.length);
    size = Math.min(size + 1, kept.length);
  }

  void clear() {
    size = 0;
    taken = 0;
  }

  SamplerState save() {
    Map<String, float[]> arrays = new TreeMap<>();
    for (int age = 0; age < size; age++) {
      arrays.put("output." + age, kept[age].clone());
    }
    return new SamplerState(taken, arrays);
  }

  /**
   * @throws UserError unless the state holds outputs without a gap, no more than are kept
   */
  void restore(SamplerState state) {
    clear();
    while (size < kept.length && state.arrays().containsKey("output." + size)) {
      kept[size] = state.arrays().get("output." + size).clone();
      size++;
    }
    if (state.arrays().containsKey("output." + kept.length) || state.taken() < size) {
      throw new UserError("the saved state is not of this sampler; start the run anew");
    }
    taken = state.taken();
  }
}
