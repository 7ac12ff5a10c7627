// From a timestep to the vector that every ResNet block is told.
package io.lethe.model.unet;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.autograd.ops.Activate;
import io.lethe.backend.Activation;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;
import io.lethe.tensor.Buffer;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;

/**
 * Sinusoids of geometrically spaced frequencies (Ho et al. 2020, after Vaswani et al. 2017), then
 * two linear layers with SiLU between them.
 */
final class TimestepEmbedding {
  private static final double MAX_PERIOD = 10_000;

  private final Linear linear1;
  private final Linear linear2;
  private final int channels;
  private final boolean flipSinToCos;
  private final double freqShift;

  TimestepEmbedding(
      ParameterPath path, int channels, int width, boolean flipSinToCos, double freqShift) {
    this.linear1 = Linear.withBias(path.child("linear_1"), channels, width);
    this.linear2 = Linear.withBias(path.child("linear_2"), width, width);
    this.channels = channels;
    this.flipSinToCos = flipSinToCos;
    this.freqShift = freqShift;
  }

  /** {@code timesteps [n]} to {@code [n, width]}. */
  Value forward(Tape tape, double[] timesteps) {
    Value sinusoids = Value.constant(sinusoids(tape, timesteps)); // [n, channels]
    Value hidden = Activate.apply(tape, Activation.SILU, linear1.forward(tape, sinusoids));
    return linear2.forward(tape, hidden);
  }

  /**
   * {@code [cos(t f_i) | sin(t f_i)]} with {@code f_i = exp(-ln(10000) i / (half - freqShift))}.
   * Frequencies and phases are rounded to float as PyTorch rounds them: at t = 999 that rounding is
   * visible in the sine.
   */
  private Tensor sinusoids(Tape tape, double[] timesteps) {
    int half = channels / 2;
    Tensor result = tape.zeros("sinusoids", Shape.of(timesteps.length, channels));
    for (int n = 0; n < timesteps.length; n++) {
      for (int i = 0; i < half; i++) {
        float exponent = (float) -Math.log(MAX_PERIOD) * i;
        float frequency = (float) Math.exp(exponent / (float) (half - freqShift));
        float phase = (float) timesteps[n] * frequency;
        double sine = Math.sin(phase);
        double cosine = Math.cos(phase);
        set(result, n * channels + i, flipSinToCos ? cosine : sine);
        set(result, n * channels + half + i, flipSinToCos ? sine : cosine);
      }
    }
    return result;
  }

  private static void set(Tensor tensor, int index, double value) {
    switch (tensor.buffer()) {
      case Buffer.Floats(float[] array) -> array[index] = (float) value;
      case Buffer.Doubles(double[] array) -> array[index] = value;
      case Buffer.Mapped mapped -> throw new IllegalStateException("mapped");
    }
  }
}
