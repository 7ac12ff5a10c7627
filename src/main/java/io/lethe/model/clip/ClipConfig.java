// The configuration of both towers and their common space.
package io.lethe.model.clip;

/** Text tower, vision tower and the width of the space in which they meet. */
public record ClipConfig(ClipTowerConfig text, ClipTowerConfig vision, int projectionDim) {}
