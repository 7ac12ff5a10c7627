// What to draw.
package io.lethe.diffusion;

import io.lethe.LetheException;
import java.util.List;

/**
 * Pictures to draw, one for each prompt.
 *
 * @param prompts one a picture
 * @param negative the prompt to be led away from; empty for none
 * @param seeds one a picture, drawn as {@code torch.Generator("cpu")} draws
 * @param steps of the sampler
 * @param guidance classifier-free guidance scale (Ho and Salimans 2022); at 1 or less there is no
 *     guidance pass
 * @param scheduler a sampler's name, or null for the model folder's own
 * @param height in pixels
 * @param width in pixels
 */
public record GenerationRequest(
    List<String> prompts,
    String negative,
    long[] seeds,
    int steps,
    double guidance,
    String scheduler,
    int height,
    int width) {
  public GenerationRequest {
    prompts = List.copyOf(prompts);
    seeds = seeds.clone();
    if (prompts.size() != seeds.length) {
      throw new LetheException(prompts.size() + " prompts with " + seeds.length + " seeds");
    }
  }
}
