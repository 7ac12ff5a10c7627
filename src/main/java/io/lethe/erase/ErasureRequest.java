// What a user asks an eraser for.
package io.lethe.erase;

import io.lethe.UserError;
import java.util.List;

/**
 * The concepts to erase and what surrounds them.
 *
 * @param concepts names as they stand in prompts, at least one
 * @param eraseFrom prompts to take each concept out of, by position; empty for the concept's own
 *     prompt
 * @param preserve names that the method must protect beside its own search
 * @param vocabulary words that an adversarial method may search; null for methods that need none
 * @param seed of all random streams
 */
public record ErasureRequest(
    List<String> concepts,
    List<String> eraseFrom,
    List<String> preserve,
    Vocabulary vocabulary,
    long seed) {
  public ErasureRequest {
    concepts = List.copyOf(concepts);
    eraseFrom = List.copyOf(eraseFrom);
    preserve = List.copyOf(preserve);
    if (concepts.isEmpty()) {
      throw new UserError("name at least one concept to erase");
    }
    for (String concept : concepts) {
      if (concept.isBlank()) {
        throw new UserError("a concept to erase must not be blank");
      }
    }
    if (!eraseFrom.isEmpty() && eraseFrom.size() != concepts.size()) {
      throw new UserError(
          "--erase-from names "
              + eraseFrom.size()
              + " prompts for "
              + concepts.size()
              + " concepts");
    }
  }
}
