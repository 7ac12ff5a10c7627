// Where the embeddings of prompts come from.
package io.lethe.erase.closed;

import java.util.Collection;

/** Gives the embedding of any prompt; the same object for the same prompt, where that is cheap. */
@FunctionalInterface
public interface TextEmbeddings {
  EmbeddedText of(String prompt);

  /** The rows up to and with the end token, without the padding after it. */
  default EmbeddedText upToEnd(String prompt) {
    EmbeddedText whole = of(prompt);
    return new EmbeddedText(whole.rows().rows(0, whole.lastContent() + 2), whole.lastContent());
  }

  /** Announces prompts whose rows up to the end will be asked for. */
  default void prepareToEnd(Collection<String> prompts) {
    prepare(prompts);
  }

  /** Announces prompts that will be asked for, so that they can be encoded together. */
  default void prepare(Collection<String> prompts) {}
}
