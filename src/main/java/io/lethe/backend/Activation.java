// The pointwise non-linearities of the models.
package io.lethe.backend;

/**
 * A pointwise function. sigma is the logistic function, Phi the normal distribution function (by
 * erf).
 */
public enum Activation {
  /** {@code x * sigma(x)}, in the UNet and the VAE. */
  SILU,
  /** {@code x * Phi(x)}, exact, in SD 2.x's text encoder and in GEGLU. */
  GELU,
  /** {@code x * sigma(1.702 x)}, in CLIP ViT-L. */
  QUICK_GELU
}
