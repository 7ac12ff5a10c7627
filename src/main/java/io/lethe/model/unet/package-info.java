/**
 * The denoiser: {@code UNet2DConditionModel} of Stable Diffusion 1.x and 2.x (Rombach et al. 2022),
 * from the time embedding through down, middle and up blocks, each class named as in the
 * checkpoint.
 */
package io.lethe.model.unet;
