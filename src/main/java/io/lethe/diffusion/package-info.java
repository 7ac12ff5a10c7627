// What this package is for.
/**
 * From noise to a latent and from a picture to one: the noise schedule, the samplers, and the
 * random numbers they start from.
 *
 * <p>Everything is made from a folder's scheduler_config.json and gives what diffusers gives for
 * the same seed. Looks down on model, text and weights.
 */
package io.lethe.diffusion;
