// Weights and signals that follow from a tensor's name alone.
package io.lethe.weightstools;

import io.lethe.tensor.DType;
import io.lethe.tensor.Shape;
import io.lethe.weights.TensorEntry;
import io.lethe.weights.TensorSource;
import java.nio.charset.StandardCharsets;

/**
 * A full-size model without a download: every element is a hash of its tensor's name and its index.
 *
 * <pre>
 *   h   = FNV-1a (64 bits) of the UTF-8 name
 *   z_i = mix(h + i * 0x9E3779B97F4A7C15)      i = 1 .. n, row-major
 *   v_i = (z_i >>> 40) * 2^-23 - 1             in [-1, 1)
 * </pre>
 *
 * <p>A weight is {@code offset + scale * v}, computed in double and rounded to float, where scale
 * and offset depend on rank and name so that activations keep about unit variance.
 */
public final class SyntheticWeights {
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private SyntheticWeights() {}

  /** FNV-1a, 64 bits, of the UTF-8 name. */
  public static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  /** The uniform value v of element {@code index}, which counts from 0. */
  public static double uniform(long hash, long index) {
    long z = hash + (index + 1) * STEP;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 40) * 0x1p-23 - 1;
  }

  /** The whole tensor of this checkpoint name (text encoders: with {@code text_model.}). */
  public static float[] weights(String name, Shape shape) {
    float[] values = new float[shape.size()];
    fill(name, shape).fill(0, values, values.length);
    return values;
  }

  /** The same, made run by run for a streaming writer. */
  public static TensorSource.Fill fill(String name, Shape shape) {
    long hash = hash(name);
    double scale = scale(name, shape);
    double offset = shape.rank() == 1 && name.endsWith(".weight") ? 1 : 0;
    return (first, target, count) -> scaled(hash, scale, offset, first, target, count);
  }

  /** An entry for the writer; nothing is computed before it is written. */
  public static TensorEntry entry(String name, DType dtype, Shape shape) {
    return new TensorEntry(name, dtype, shape, new TensorSource.Computed(fill(name, shape)));
  }

  /** A test input of unit variance: {@code v * sqrt(3)}. */
  public static float[] signal(String name, long... extents) {
    float[] values = new float[Shape.of(extents).size()];
    scaled(hash(name), Math.sqrt(3), 0, 0, values, values.length);
    return values;
  }

  private static double scale(String name, Shape shape) {
    if (shape.rank() >= 2) {
      boolean embedding =
          name.contains("embedding.weight")
              && !name.contains("time_embedding")
              && !name.contains("add_embedding");
      long[] extents = shape.extents();
      long inputs = 1;
      for (int axis = 1; axis < extents.length; axis++) {
        inputs *= extents[axis];
      }
      return embedding ? 0.02 * Math.sqrt(3) : Math.sqrt(3.0 / inputs);
    }
    if (shape.rank() == 1 && name.endsWith(".weight")) {
      return 0.1;
    }
    return name.endsWith(".bias") ? 0.05 : 1;
  }

  private static void scaled(
      long hash, double scale, double offset, long first, float[] target, int count) {
    for (int i = 0; i < count; i++) {
      target[i] = (float) (offset + scale * uniform(hash, first + i));
    }
  }
}
