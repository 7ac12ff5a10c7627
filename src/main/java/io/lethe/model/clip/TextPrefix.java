// What texts that begin alike share in a causal text encoder.
package io.lethe.model.clip;

import io.lethe.autograd.Value;
import java.util.List;

/**
 * The first tokens of several texts. A token sees only those before it, so its keys and values in
 * every layer, and its row of the context, are the same numbers whatever follows. They belong to
 * the scope of the tape that made them.
 *
 * @param tokens how many
 * @param states {@code [1, tokens, hidden]}: their rows of the context
 */
public record TextPrefix(int tokens, List<Layer> layers, Value states) {
  /**
   * One layer's.
   *
   * @param keys {@code [tokens, hidden]}
   * @param values {@code [tokens, hidden]}
   */
  record Layer(Value keys, Value values) {}

  public TextPrefix {
    layers = List.copyOf(layers);
  }
}
