// Repeatable numbers to fill operands with.
package io.lethe.backend;

/** Normal numbers from a counter by SplitMix64 (Steele et al. 2014) and Box-Muller. */
public final class CasesSignal {
  private CasesSignal() {}

  /** {@code count} numbers of mean 0 and deviation 1. */
  public static double[] normal(long seed, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i += 2) {
      double radius = Math.sqrt(-2 * Math.log(uniform(seed, i)));
      double angle = 2 * Math.PI * uniform(seed, i + 1);
      values[i] = radius * Math.cos(angle);
      if (i + 1 < count) {
        values[i + 1] = radius * Math.sin(angle);
      }
    }
    return values;
  }

  /** {@code count} integers from 0 to {@code bound - 1}. */
  public static int[] integers(long seed, int count, int bound) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = (int) (uniform(seed, i) * bound);
    }
    return values;
  }

  /** A number above 0 and below 1. */
  private static double uniform(long seed, long index) {
    long z = (seed * 0x632be59bd9b4e019L) + (index + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    z ^= z >>> 31;
    return ((z >>> 11) + 0.5) * 0x1p-53;
  }
}
