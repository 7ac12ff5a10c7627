// How far into a prompt its context is wanted.
package io.lethe.diffusion;

import io.lethe.text.Encoding;

/**
 * Which first rows of a context. The text encoder is causal: a row depends on the tokens up to its
 * own, so that the rows of a shorter reach are the same numbers, for a part of the work.
 */
public enum ContextReach {
  /** Up to the last token of the text itself; of a blank text the start token alone. */
  CONTENT,
  /** Up to the first end token. */
  END,
  /** All rows, padding included: what cross-attention reads. */
  WHOLE;

  /** How many rows that is. */
  public int rows(Encoding encoding) {
    return switch (this) {
      case CONTENT -> encoding.endPosition();
      case END -> encoding.endPosition() + 1;
      case WHOLE -> encoding.ids().length;
    };
  }
}
