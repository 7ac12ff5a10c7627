/**
 * CLIP (Radford et al. 2021): the text encoder that conditions the UNet, and both towers with their
 * projections, which judge pictures.
 */
package io.lethe.model.clip;
