// Whoever draws pictures of prompts: a model, as the protocol sees it.
package io.lethe.evaluate;

import io.lethe.diffusion.Picture;
import java.util.List;

/** Draws with settings that are its own; the same prompt and seed give the same picture. */
public interface Painter {
  /**
   * One picture a prompt, in order.
   *
   * @param seeds one a prompt
   */
  List<Picture> paint(List<String> prompts, long[] seeds);

  /** The hash of the model's files. */
  String hash();

  /** Everything but prompt and seed that decides the picture, in words. */
  String settings();
}
