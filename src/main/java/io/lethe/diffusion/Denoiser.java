// A UNet as the samplers use it: plain arrays in, a prediction out, with or without guidance.
package io.lethe.diffusion;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.Backend;
import io.lethe.model.unet.UNet2DConditionModel;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Predictions without gradients, and the count of passes that they cost. Latents are {@code [n,
 * h*w, c]}.
 */
public final class Denoiser implements AutoCloseable {
  private final Backend backend;
  private final UNet2DConditionModel unet;
  private final int height;
  private final int width;
  private final Scope scope;
  private long passes;

  /**
   * @param height of the latents
   */
  public Denoiser(Backend backend, UNet2DConditionModel unet, int height, int width) {
    this.backend = backend;
    this.unet = unet;
    this.height = height;
    this.width = width;
    this.scope = Scope.root("denoiser", backend.computeType());
  }

  /**
   * {@code eps(z, t, c)} for each sample.
   *
   * @param timesteps one a sample
   * @param contexts one a sample, {@code [tokens, width]} each
   */
  public float[] predict(float[] latents, double[] timesteps, List<float[]> contexts) {
    int n = timesteps.length;
    int channels = unet.config().inChannels();
    int contextWidth = unet.config().crossAttentionDim();
    try (Scope pass = scope.child("predict")) {
      Tensor sample = Tensor.of("sample", Shape.of(n, (long) height * width, channels), latents);
      Tensor context =
          TextContexts.stack(contexts, contexts.getFirst().length / contextWidth, contextWidth);
      Value out =
          unet.forward(
              Tape.noGrad(backend, pass),
              Value.constant(sample),
              height,
              width,
              timesteps,
              Value.constant(context));
      passes += n;
      return out.data().floats().clone();
    }
  }

  /**
   * Classifier-free guidance (Ho and Salimans 2022): {@code e(u) + guidance * (e(c) - e(u))}, both
   * in one pass of 2n samples; {@code e(c)} alone at guidance 1 or less.
   *
   * @param unconditional the context of the negative or empty prompt
   */
  public float[] predictGuided(
      float[] latents,
      double[] timesteps,
      List<float[]> contexts,
      float[] unconditional,
      double guidance) {
    if (guidance <= 1) {
      return predict(latents, timesteps, contexts);
    }
    int n = timesteps.length;
    float[] twice = Arrays.copyOf(latents, 2 * latents.length);
    System.arraycopy(latents, 0, twice, latents.length, latents.length);
    double[] twiceTimesteps = Arrays.copyOf(timesteps, 2 * n);
    System.arraycopy(timesteps, 0, twiceTimesteps, n, n);
    List<float[]> both = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      both.add(unconditional);
    }
    both.addAll(contexts);
    float[] predicted = predict(twice, twiceTimesteps, both);
    float[] guided = new float[latents.length];
    float scale = (float) guidance;
    for (int i = 0; i < guided.length; i++) {
      float base = predicted[i];
      guided[i] = base + scale * (predicted[guided.length + i] - base);
    }
    return guided;
  }

  /** Single-sample forward passes so far. */
  public long passes() {
    return passes;
  }

  /** The most compute memory that a pass has used, in bytes. */
  public long peakBytes() {
    return scope.peakBytes();
  }

  public UNet2DConditionModel unet() {
    return unet;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** Elements of one sample's latent. */
  public int latentSize() {
    return height * width * unet.config().inChannels();
  }

  @Override
  public void close() {
    scope.close();
  }
}
