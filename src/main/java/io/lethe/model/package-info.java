/**
 * The networks of a latent diffusion model, block by block, each class named and each field placed
 * as in the checkpoint: {@code unet}, {@code vae}, {@code clip}. This package holds the blocks that
 * the UNet and the VAE share.
 *
 * <p>Uses nn, weights, autograd, backend and tensor.
 */
package io.lethe.model;
