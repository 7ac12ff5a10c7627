// Where this package's tests find the golden data.
package io.lethe.diffusion;

import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

final class Golden {
  private Golden() {}

  static Path path(String name) {
    try {
      return Path.of(Golden.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * {@code signal(name, [n])} of the golden data: FNV-1a of the name seeds splitmix64, whose upper
   * 24 bits become a uniform of unit variance.
   */
  static float[] signal(String name, int n) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      long z = hash + (i + 1) * 0x9E3779B97F4A7C15L;
      z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
      z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      values[i] = (float) (((z >>> 40) * 0x1p-23 - 1) * Math.sqrt(3));
    }
    return values;
  }
}
