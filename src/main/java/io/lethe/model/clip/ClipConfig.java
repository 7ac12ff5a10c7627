// The configuration of both towers and their common space.
package io.lethe.model.clip;

import io.lethe.weights.ComponentConfig;

/** Text tower, vision tower and the width of the space in which they meet. */
public record ClipConfig(ClipTowerConfig text, ClipTowerConfig vision, int projectionDim) {

  /** Reads the config.json of a {@code CLIPModel}. */
  public static ClipConfig from(ComponentConfig json) {
    return new ClipConfig(
        ClipTowerConfig.text(json.section("text_config")),
        ClipTowerConfig.vision(json.section("vision_config")),
        json.integer("projection_dim", 512));
  }
}
