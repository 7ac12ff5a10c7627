// Where the embeddings of prompts come from.
package io.lethe.erase.closed;

import java.util.Collection;

/** Gives the embedding of any prompt; the same object for the same prompt, where that is cheap. */
@FunctionalInterface
public interface TextEmbeddings {
  EmbeddedText of(String prompt);

  /** Announces prompts that will be asked for, so that they can be encoded together. */
  default void prepare(Collection<String> prompts) {}
}
