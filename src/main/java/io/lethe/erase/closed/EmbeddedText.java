// A prompt as the cross-attention reads it.
package io.lethe.erase.closed;

import io.lethe.erase.dense.Matrix;

/**
 * The text encoder's output for one prompt, in double.
 *
 * @param rows {@code [tokens, width]}: start, content, end, padding
 * @param lastContent the row of the last content token; 0, the start token, for a blank prompt
 */
public record EmbeddedText(Matrix rows, int lastContent) {
  /** The row of the last content token, {@code [1, width]}. */
  public Matrix last() {
    return rows.rows(lastContent, lastContent + 1);
  }
}
