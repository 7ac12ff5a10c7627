// The autoencoder whole: pictures to latents and back.
package io.lethe.model.vae;

import io.lethe.autograd.Tape;
import io.lethe.autograd.Value;
import io.lethe.nn.FeatureMap;
import io.lethe.nn.Linear;
import io.lethe.nn.ParameterPath;
import io.lethe.nn.ParameterStore;

/**
 * {@code AutoencoderKL} (Rombach et al. 2022). Latents here are the autoencoder's own; the
 * diffusion model sees them times {@link VaeConfig#scalingFactor}.
 */
public final class AutoencoderKL {
  private final VaeConfig config;
  private final ParameterStore parameters;
  private final Encoder encoder;
  private final Linear quantConv;
  private final Linear postQuantConv;
  private final Decoder decoder;

  public AutoencoderKL(VaeConfig config, ParameterStore parameters) {
    ParameterPath root = parameters.root();
    int latent = config.latentChannels();
    this.config = config;
    this.parameters = parameters;
    this.encoder = new Encoder(root.child("encoder"), config);
    this.quantConv =
        config.useQuantConv()
            ? Linear.withBias(root.child("quant_conv"), 2 * latent, 2 * latent)
            : null;
    this.postQuantConv =
        config.usePostQuantConv()
            ? Linear.withBias(root.child("post_quant_conv"), latent, latent)
            : null;
    this.decoder = new Decoder(root.child("decoder"), config);
  }

  /**
   * The moments of the latent's normal distribution.
   *
   * @param picture {@code [n, h*w, 3]} in [-1, 1]
   * @return {@code [n, (h/f)*(w/f), 2*latentChannels]}: means, then log variances (not clamped)
   */
  public FeatureMap encode(Tape tape, FeatureMap picture) {
    FeatureMap moments = encoder.forward(tape, picture);
    return quantConv == null ? moments : moments.with(quantConv.forward(tape, moments.value()));
  }

  /**
   * The picture of a latent.
   *
   * @param latent {@code [n, (h/f)*(w/f), latentChannels]}, not scaled
   * @return {@code [n, h*w, 3]}, about [-1, 1], not clamped
   */
  public FeatureMap decode(Tape tape, FeatureMap latent) {
    Value input =
        postQuantConv == null ? latent.value() : postQuantConv.forward(tape, latent.value());
    return decoder.forward(tape, latent.with(input));
  }

  public VaeConfig config() {
    return config;
  }

  public ParameterStore parameters() {
    return parameters;
  }
}
