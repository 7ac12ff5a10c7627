/** The autoencoder between pictures and latents: {@code AutoencoderKL} (Rombach et al. 2022). */
package io.lethe.model.vae;
