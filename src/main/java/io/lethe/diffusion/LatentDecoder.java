// From latents to pictures of 8-bit pixels.
package io.lethe.diffusion;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.backend.Backend;
import io.lethe.model.vae.AutoencoderKL;
import io.lethe.nn.FeatureMap;
import io.lethe.tensor.Scope;
import io.lethe.tensor.Shape;
import io.lethe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The autoencoder's decoder with diffusers' scaling and rounding. */
public final class LatentDecoder {
  private LatentDecoder() {}

  /**
   * Decodes {@code latents [n, h*w, c]} as the diffusion model sees them.
   *
   * @param height of the latents
   */
  public static List<Picture> decode(
      Backend backend, AutoencoderKL vae, float[] latents, int n, int height, int width) {
    float[] unscaled = new float[latents.length];
    double scale = vae.config().scalingFactor();
    double shift = vae.config().shiftFactor();
    for (int i = 0; i < unscaled.length; i++) {
      unscaled[i] = (float) (latents[i] / scale + shift);
    }
    try (Scope scope = Scope.root("decode", backend.computeType())) {
      Tensor latent =
          Tensor.of(
              "latent",
              Shape.of(n, (long) height * width, vae.config().latentChannels()),
              unscaled);
      FeatureMap decoded =
          vae.decode(
              Tape.noGrad(backend, scope), new FeatureMap(Value.constant(latent), height, width));
      float[] pixels = decoded.value().data().floats(); // [n, H*W, 3] in [-1, 1]
      List<Picture> pictures = new ArrayList<>();
      int size = decoded.height() * decoded.width() * 3;
      for (int i = 0; i < n; i++) {
        pictures.add(new Picture(decoded.width(), decoded.height(), bytes(pixels, i * size, size)));
      }
      return pictures;
    }
  }

  /** {@code round(255 * clamp(x/2 + 1/2))}, halves to even, as diffusers rounds. */
  private static byte[] bytes(float[] pixels, int from, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      float unit = Math.clamp(pixels[from + i] / 2 + 0.5f, 0f, 1f);
      bytes[i] = (byte) Math.rint(unit * 255f);
    }
    return bytes;
  }
}
