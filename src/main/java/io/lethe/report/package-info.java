// What this package is for.
/**
 * Pictures for people: PNG files that say how they were made, and before/after grids.
 *
 * <p>Writing is done without any graphics system, so that it works on the barest machine; only
 * reading foreign formats and drawing captions use the JDK's. Looks down on diffusion (the {@link
 * io.lethe.diffusion.Picture}) and weights (files that appear whole or not at all).
 */
package io.lethe.report;
